import type { FastifyReply } from 'fastify';
import { Download, sendDownload } from './download.js';
import { contentEtag, etagOf, matchesNone } from './etag.js';
import { EventStream } from './event-stream.js';
import type { Exchange } from './exchange.js';
import type { Replay } from './idempotency.js';
import type { RoutePlan } from './plan.js';
import { RawJson } from './types.js';

/** A contract of this type leaves it to its handler to name a closer one. */
const anyMediaType = 'application/octet-stream';
const longTextLength = 32_768;
const jsonMediaType = 'application/json; charset=utf-8';

/** Sends what a handler answered, by its contract. */
export function sendAnswer(plan: RoutePlan, reply: FastifyReply, answer: unknown): void | Promise<void> {
  if (reply.sent) return;
  const { contract } = plan;
  reply.code(contract.status);
  // Fastify itself says so only to requests that arrive after it began to close.
  if (reply.server.isClosing) reply.header('connection', 'close');
  if (contract.status === 204) {
    reply.send();
    return;
  }
  if (answer === undefined) throw new Error(`${contract.name} answered nothing`);
  if (contract.versioned === true && isNotModified(plan, reply, answer)) {
    reply.code(304).send();
    return;
  }
  if (contract.tagged === true) {
    sendTagged(reply, answer instanceof RawJson ? answer.text : serializeAnswer(reply, contract.status, answer));
    return;
  }
  if (answer instanceof Download) return sendDownload(reply, answer);
  if (answer instanceof EventStream) {
    // Every contract's guard has set it.
    reply.server.eventStreams.start(reply, reply.request.exchange as Exchange, answer);
    return;
  }
  if (answer instanceof RawJson) reply.type(jsonMediaType).send(payloadOf(answer.text));
  else if (contract.mediaType !== undefined) {
    const isNamed = contract.mediaType === anyMediaType && reply.hasHeader('content-type');
    (isNamed ? reply : reply.type(contract.mediaType)).send(answer);
  } else reply.send(answer);
}

/**
 * A long text goes out as bytes: written as a text it would be gone through for its length, and again into three times the
 * memory it needs.
 */
const payloadOf = (text: string): string | Buffer => (text.length < longTextLength ? text : Buffer.from(text));

/** The first answer again: the stored bytes, and the tag that stood above them. */
export function sendReplay(plan: RoutePlan, reply: FastifyReply, replay: Replay): void {
  reply.code(replay.status).header('idempotent-replayed', 'true');
  const version = plan.contract.versioned === true ? versionOf(JSON.parse(replay.response ?? 'null')) : null;
  if (version !== null) reply.header('etag', etagOf(version));
  if (replay.response === null) reply.send();
  else reply.type(jsonMediaType).send(replay.response);
}

function sendTagged(reply: FastifyReply, text: string): void {
  const etag = contentEtag(text);
  reply.header('etag', etag);
  if (matchesNone(reply.request.headers['if-none-match'], etag)) reply.type(jsonMediaType).send(text);
  else reply.code(304).send();
}

export function serializeAnswer(reply: FastifyReply, status: number, answer: unknown): string {
  const serialize = reply.getSerializationFunction(String(status));
  // A contract's response may be any JSON; Fastify's type knows objects only.
  return serialize === undefined ? JSON.stringify(answer) : serialize(answer as Record<string, unknown>);
}

function isNotModified(plan: RoutePlan, reply: FastifyReply, answer: unknown): boolean {
  const version = versionOf(answer);
  if (version === null) return false;
  const etag = etagOf(version);
  reply.header('etag', etag);
  return (
    plan.method === 'GET' && plan.contract.live !== true && !matchesNone(reply.request.headers['if-none-match'], etag)
  );
}

function versionOf(answer: unknown): number | null {
  if (answer instanceof RawJson) return answer.version;
  if (typeof answer === 'object' && answer !== null && 'version' in answer && typeof answer.version === 'number') {
    return answer.version;
  }
  return null;
}
