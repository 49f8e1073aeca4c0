"""What schemathesis is told beyond the documents: who is signed in, and which ids exist."""

import json
import os
import socket
import sys
import zlib

import requests
import schemathesis
from schemathesis import GenerationMode

# From fuzz.mjs: `sign_in` (url, email, password, cookie) and `ids` (field name -> ids that exist).
settings = json.loads(os.environ["PLATEN_FUZZ"])

resolve = socket.getaddrinfo


def resolve_localhost(host, *args, **kwargs):
    """Not every system's resolver knows that `*.localhost` is this machine (RFC 6761 section 6.3)."""
    if isinstance(host, str) and host.endswith(".localhost"):
        host = "127.0.0.1"
    return resolve(host, *args, **kwargs)


socket.getaddrinfo = resolve_localhost


@schemathesis.auth(refresh_interval=2)
class SignedIn:
    """Signed in again and again: what is called may end the session or change what its owner may do."""

    def get(self, case, context):
        sign_in = settings["sign_in"]
        answer = requests.post(
            sign_in["url"],
            json={"email": sign_in["email"], "password": sign_in["password"]},
            headers={"X-Correlation-Id": "fuzz-sign-in"},
            timeout=30,
        )
        if answer.status_code != 200:
            print(f"signing in: {answer.status_code} {answer.text}", file=sys.stderr)
            answer.raise_for_status()
        return answer.cookies[sign_in["cookie"]]

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


def one_of(ids, text):
    """The same id for the same text, so that a seed repeats a run; now and then the text itself."""
    number = zlib.crc32(str(text).encode())
    return text if not ids or number % 4 == 0 else ids[number % len(ids)]


def with_known_ids(value, field=None):
    if isinstance(value, dict):
        return {name: with_known_ids(member, name) for name, member in value.items()}
    if isinstance(value, list):
        return [with_known_ids(member, field) for member in value]
    if isinstance(value, str) and field is not None:
        return one_of(settings["ids"].get(field.removesuffix("s")), value)
    return value


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    """Examples are written as they are sent; what is made up is one line."""
    return value.encode() if isinstance(value, str) else f"{json.dumps(value)}\n".encode()


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Python's `re` has no `\\p{L}`; what stands in for it here refuses letters that are fine. Answers only."""
    for operations in raw_schema["paths"].values():
        for operation in operations.values():
            forget_letters(operation["responses"])


def forget_letters(node):
    if isinstance(node, list):
        for member in node:
            forget_letters(member)
    elif isinstance(node, dict):
        if "\\p{" in str(node.get("pattern", "")):
            del node["pattern"]
        for member in node.values():
            forget_letters(member)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Random ids find nothing but 404: good requests mostly get ids of rows that are there."""
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    noun = [part for part in case.operation.path.split("/") if part and not part.startswith("{")]
    if case.path_parameters:
        for name, value in list(case.path_parameters.items()):
            before = case.operation.path.split("{" + name + "}")[0].rstrip("/").rsplit("/", 1)[-1]
            known = settings["ids"].get(field_of(before)) if name == "id" else settings["ids"].get(name)
            case.path_parameters[name] = one_of(known, value)
    if noun and isinstance(case.body, (dict, list)):
        case.body = with_known_ids(case.body)


def field_of(noun):
    """`categories` -> `category_id`, as the contracts name references."""
    singular = noun.replace("-", "_")
    singular = singular[:-3] + "y" if singular.endswith("ies") else singular.removesuffix("s")
    return f"{singular}_id"
