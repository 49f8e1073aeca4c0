import { type Access, type Contract, takesIfMatch, type UploadSpec } from '@platen/schema/contract';
import { describeGroup, groupOf, listGroups } from '@platen/schema/contract-groups';
import { resetEventType, StreamReset } from '@platen/schema/contracts/shapes';
import { modules } from '@platen/schema/modules';
import { IsOptional, type TObject, type TSchema } from 'typebox';
import { accessCookieName, platformAccessCookieName } from './cookies.js';
import { formatEvent } from './event-stream.js';
import { idempotencyKeyPattern } from './idempotency.js';
import { collectFailures, type Json, problemSchema } from './openapi-errors.js';
import { exampleOf } from './openapi-example.js';
import { makesCorrelationId } from './plan.js';

export interface OpenApiInput {
  readonly title: string;
  readonly description: string;
  readonly contracts: readonly Contract[];
  /** Cookies have other names on a developer's machine. */
  readonly production: boolean;
}

/** The OpenAPI 3.1 document of a plane, from its contracts alone. */
export function openApiDocument({ title, description, contracts, production }: OpenApiInput): Json {
  const paths: Record<string, Json> = {};
  const failures = collectFailures();
  for (const contract of contracts) {
    const path = contract.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [contract.method.toLowerCase()]: operation(contract, failures.of(contract)) };
  }
  return {
    openapi: '3.1.0',
    info: { title, version: '1', description },
    servers: [{ url: '/', description: 'This host' }],
    tags: listGroups(contracts.map(({ name }) => groupOf(name))).map(({ title: name, description: text }) => ({
      name,
      description: text,
    })),
    paths,
    components: {
      securitySchemes: securitySchemes(contracts, production),
      schemas: { Problem: problemSchema },
      parameters: sharedParameters,
      responses: failures.responses,
    },
  };
}

function operation(contract: Contract, failures: Json): Json {
  const { access } = contract;
  return {
    operationId: contract.name,
    tags: [describeGroup(groupOf(contract.name)).title],
    summary: contract.summary,
    description: [contract.description, accessText(access), sdkText(contract)].filter(Boolean).join('\n\n'),
    ...(typeof access === 'object' && 'permission' in access
      ? { 'x-permission': access.permission, 'x-module': access.module }
      : {}),
    ...(typeof access === 'object' && 'service' in access ? { 'x-service-scope': access.service } : {}),
    ...(typeof access === 'object' && 'platform' in access ? { 'x-platform-role': access.platform } : {}),
    security: securityOf(access),
    parameters: parametersOf(contract),
    ...requestBody(contract),
    responses: { [contract.status]: success(contract), ...unchanged(contract), ...partial(contract), ...failures },
  };
}

function requestBody({ body, upload }: Contract): Json {
  if (upload !== undefined) {
    const content = { [upload.mediaType]: uploadBody(body, upload), ...textBodies(upload) };
    return { requestBody: { required: true, ...packing(upload), content } };
  }
  if (body === undefined) return {};
  const content = { 'application/json': { schema: plain(body), example: exampleOf(body) } };
  return { requestBody: { required: !IsOptional(body), content } };
}

/** OpenAPI 3.1 has no `format: binary`: a part or body without a schema is bytes. */
function uploadBody(body: TSchema | undefined, { mediaType, maxBytes, example }: UploadSpec): Json {
  const description = `At most ${maxBytes} bytes`;
  if (mediaType === 'application/octet-stream') return { schema: { description } };
  if (mediaType === 'text/csv') return { schema: { type: 'string', description }, ...(example && { example }) };
  if (mediaType === 'application/json' && body !== undefined) return { schema: plain(body), example: exampleOf(body) };
  const fieldsOfForm = body === undefined ? { type: 'object' } : plain(body);
  const properties = {
    ...(fieldsOfForm['properties'] as Json | undefined),
    file: { contentMediaType: 'application/octet-stream', description },
  };
  const required = [...((fieldsOfForm['required'] as string[] | undefined) ?? []), 'file'];
  return {
    schema: { ...fieldsOfForm, properties, required },
    encoding: { file: { contentType: 'application/octet-stream' } },
  };
}

/** The types of text that are taken beside the first. */
const textBodies = ({ also = {} }: UploadSpec): Json =>
  Object.fromEntries(
    Object.entries(also).map(([mediaType, { description, example }]) => [
      mediaType,
      { schema: { type: 'string', description }, example },
    ]),
  );

const packing = ({ maxBytes, encodings }: UploadSpec): Json =>
  encodings === undefined
    ? {}
    : {
        description: `At most ${maxBytes} bytes, plain or with \`Content-Encoding: ${encodings.join()}\`: then of what comes out of it`,
      };

function accessText(access: Access): string {
  if (access === 'self') return 'Access: whoever is signed in.';
  if (typeof access === 'string') return 'Access: anybody, signed in or not.';
  if ('service' in access) return `Access: a service token with the scope \`${access.service}\`.`;
  if ('platform' in access) return `Access: administrators of the platform, \`${access.platform}\` or higher.`;
  const orDevice = access.device === true ? " or a device's own credential" : '';
  return `Access: the permission \`${access.permission}\`${orDevice}, and the module \`${access.module}\` (${modules[access.module].name}).`;
}

const sdkText = ({ name }: Contract): string => `SDK: \`${name.startsWith('platform.') ? name : `client.${name}`}()\``;

const isPlatform = (access: Access): boolean => typeof access === 'object' && 'platform' in access;

function securityOf(access: Access): Json[] {
  if (access === 'public' || access === 'platform_public' || access === 'client_credentials') return [];
  if (isPlatform(access)) return [{ platformCookie: [] }, { bearer: [] }];
  return typeof access === 'object' && 'service' in access ? [{ bearer: [] }] : [{ cookie: [] }, { bearer: [] }];
}

function securitySchemes(contracts: readonly Contract[], production: boolean): Json {
  const cookie = (name: string, description: string) => ({ type: 'apiKey', in: 'cookie', name, description });
  return {
    bearer: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'For machines: an access token, e.g. from `auth.token` for an API key. It wins over a cookie.',
    },
    ...(contracts.some(({ access }) => isPlatform(access))
      ? { platformCookie: cookie(platformAccessCookieName(production), 'Set by `platform.auth.login`; httpOnly.') }
      : { cookie: cookie(accessCookieName(production), 'Set by `auth.login` on the control plane; httpOnly.') }),
  };
}

function parametersOf(contract: Contract): Json[] {
  const shared = makesCorrelationId(contract) ? [] : ['CorrelationId'];
  if (contract.method === 'POST' && contract.idempotency !== 'exempt') shared.push('IdempotencyKey');
  if (takesIfMatch(contract)) shared.push('IfMatch');
  if (contract.tagged === true || (contract.versioned === true && contract.live !== true && contract.method === 'GET'))
    shared.push('IfNoneMatch');
  if (contract.events !== undefined) shared.push('LastEventId');
  return [
    ...fields('path', contract.params),
    ...fields('query', contract.query),
    ...shared.map((name) => ({ $ref: `#/components/parameters/${name}` })),
  ];
}

function fields(place: 'path' | 'query', schema: TObject | undefined): Json[] {
  const required = new Set<string>(schema?.required ?? []);
  return Object.entries(schema?.properties ?? {}).map(([name, field]) => {
    // Readers look for the words at the parameter, not at its schema.
    const { description, ...rest } = plain(field);
    const words = description === undefined ? {} : { description };
    return { name, in: place, required: place === 'path' || required.has(name), ...words, schema: rest };
  });
}

function success(contract: Contract): Json {
  const { response, mediaType = 'application/json' } = contract;
  const headers =
    contract.versioned === true || contract.tagged === true || contract.download === true
      ? { headers: { ETag: { schema: { type: 'string' } } } }
      : {};
  if (response === undefined) return { description: 'Done', ...headers };
  if (contract.events !== undefined) return streamed(contract.events);
  if (mediaType === 'application/x-ndjson') {
    const content = { schema: plain(response), example: linesOf(response) };
    return { description: 'Lines, each of them one of these, as the work goes on', content: { [mediaType]: content } };
  }
  return { description: 'Done', ...headers, content: { [mediaType]: { schema: answered(response, mediaType) } } };
}

/** OpenAPI 3.1 has no words for the events of a stream: a text for its tools, `x-events` for whoever reads on. */
function streamed(events: NonNullable<Contract['events']>): Json {
  const all = { ...events, [resetEventType]: StreamReset };
  const example = Object.entries(all)
    .map(([type, schema], n) => formatEvent({ id: `${4711 + n}`, type, data: JSON.stringify(exampleOf(schema)) }))
    .join('');
  const description = `Server-sent events (WHATWG HTML, section 9.2), each with data in JSON: ${Object.keys(all)
    .map((type) => `\`${type}\``)
    .join(', ')}`;
  const schema = { type: 'string', description };
  return {
    description: 'Events, for as long as the token is good; the stream resumes after `Last-Event-ID`',
    content: { 'text/event-stream': { schema, example } },
    'x-events': Object.fromEntries(Object.entries(all).map(([type, data]) => [type, plain(data)])),
  };
}

/** Bytes are of no type in OpenAPI 3.1, but of a media type. */
function answered(response: TSchema, mediaType: string): Json {
  const { type, ...rest } = plain(response);
  const isText = mediaType === 'application/json' || mediaType.startsWith('text/');
  return isText ? plain(response) : { ...rest, contentMediaType: mediaType };
}

/** One line of each kind. */
const linesOf = (line: TSchema & { anyOf?: TSchema[] }): string =>
  (line.anyOf ?? [line]).map((kind) => `${JSON.stringify(exampleOf(kind))}\n`).join('');

const unchanged = ({ method, versioned, live, tagged, download }: Contract): Json =>
  method === 'GET' && live !== true && (versioned === true || tagged === true || download === true)
    ? { 304: { description: 'Nothing has changed' } }
    : {};

function partial({ download, mediaType = 'application/octet-stream' }: Contract): Json {
  if (download !== true) return {};
  const text = { schema: { type: 'string' } };
  return {
    206: { description: 'The bytes of the Range', headers: { 'Content-Range': text }, content: { [mediaType]: {} } },
    302: { description: 'A short-lived link to the bytes', headers: { Location: { ...text, required: true } } },
  };
}

/** TypeBox's own marks on a schema are hidden members, which JSON leaves out. Readers want the type of a choice of texts. */
const plain = (schema: TSchema): Json =>
  JSON.parse(
    JSON.stringify(schema, (_, part) =>
      Array.isArray(part?.enum) && part.type === undefined && part.enum.every((one: unknown) => typeof one === 'string')
        ? { type: 'string', ...part }
        : part,
    ),
  );

const header = (name: string, required: boolean, description: string, schema: Json): Json => ({
  name,
  in: 'header',
  required,
  description,
  schema,
});

const sharedParameters = {
  CorrelationId: header(
    'X-Correlation-Id',
    true,
    'Ties everything that the request causes together; comes back on the answer',
    { type: 'string', pattern: '^[A-Za-z0-9._-]{8,128}$', examples: ['order-desk-0001'] },
  ),
  IdempotencyKey: header(
    'Idempotency-Key',
    false,
    'The same key and request get the first answer again, for 24 hours',
    { type: 'string', pattern: idempotencyKeyPattern.source, examples: ['5c0ffee5-0001'] },
  ),
  IfMatch: header('If-Match', false, 'The ETag that the change rests on', {
    type: 'string',
    pattern: '^(?:\\*|(?:W/)?"[!#-~]{0,128}")$',
    examples: ['"3"'],
  }),
  LastEventId: header(
    'Last-Event-ID',
    false,
    'The id of the last event that was received, as browsers send it when they connect again',
    { type: 'string', pattern: '^\\d{0,19}$', examples: ['4711'] },
  ),
  IfNoneMatch: header('If-None-Match', false, 'Answers 304 if nothing has changed', { type: 'string' }),
};
