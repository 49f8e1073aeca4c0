import type { Access, Contract } from '@platen/schema/contract';
import { type ErrorCode, errors } from '@platen/schema/errors';
import { IsOptional, type TObject, type TSchema } from 'typebox';
import { problemMediaType } from './problem.js';

export interface OpenApiInput {
  readonly title: string;
  readonly version: string;
  readonly contracts: readonly Contract[];
}

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of a plane, from its contracts alone. */
export function openApiDocument({ title, version, contracts }: OpenApiInput): Json {
  const paths: Record<string, Json> = {};
  for (const contract of contracts) {
    const path = contract.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [contract.method.toLowerCase()]: operation(contract) };
  }
  return {
    openapi: '3.1.0',
    info: { title, version },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        cookie: { type: 'apiKey', in: 'cookie', name: '__Host-platen_at' },
      },
      schemas: { Problem: problemSchema },
      parameters: sharedParameters,
    },
  };
}

function operation(contract: Contract): Json {
  const { access, body } = contract;
  return {
    operationId: contract.name,
    tags: [contract.name.slice(0, contract.name.lastIndexOf('.'))],
    summary: contract.summary,
    ...(contract.description === undefined ? {} : { description: contract.description }),
    ...(typeof access === 'object' && 'permission' in access
      ? { 'x-permission': access.permission, 'x-module': access.module }
      : {}),
    ...(typeof access === 'object' && 'service' in access ? { 'x-service-scope': access.service } : {}),
    ...(typeof access === 'object' && 'platform' in access ? { 'x-platform-role': access.platform } : {}),
    security: securityOf(access),
    parameters: parametersOf(contract),
    ...(body === undefined
      ? {}
      : { requestBody: { required: !IsOptional(body), content: { 'application/json': { schema: plain(body) } } } }),
    responses: { [contract.status]: success(contract), ...unchanged(contract), ...failures(contract) },
  };
}

function securityOf(access: Access): Json[] {
  if (access === 'public' || access === 'platform_public' || access === 'client_credentials') return [];
  return typeof access === 'object' && 'service' in access ? [{ bearer: [] }] : [{ cookie: [] }, { bearer: [] }];
}

function parametersOf(contract: Contract): Json[] {
  const shared = ['CorrelationId'];
  if (contract.method === 'POST' && contract.idempotency !== 'exempt') shared.push('IdempotencyKey');
  if (contract.versioned === true) shared.push(contract.method === 'GET' ? 'IfNoneMatch' : 'IfMatch');
  if (contract.tagged === true) shared.push('IfNoneMatch');
  return [
    ...fields('path', contract.params),
    ...fields('query', contract.query),
    ...shared.map((name) => ({ $ref: `#/components/parameters/${name}` })),
  ];
}

function fields(place: 'path' | 'query', schema: TObject | undefined): Json[] {
  const required = new Set<string>(schema?.required ?? []);
  return Object.entries(schema?.properties ?? {}).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || required.has(name),
    schema: plain(field),
  }));
}

function success(contract: Contract): Json {
  const { response, mediaType = 'application/json' } = contract;
  const headers =
    contract.versioned === true || contract.tagged === true
      ? { headers: { ETag: { schema: { type: 'string' } } } }
      : {};
  if (response === undefined) return { description: 'Done', ...headers };
  return { description: 'Done', ...headers, content: { [mediaType]: { schema: plain(response) } } };
}

const unchanged = ({ method, versioned, tagged }: Contract): Json =>
  method === 'GET' && (versioned === true || tagged === true) ? { 304: { description: 'Nothing has changed' } } : {};

/** What any endpoint of this access can answer, and what this one adds. */
function failures(contract: Contract): Json {
  const codes = new Set<ErrorCode>(['correlation_id_required', 'rate_limited', 'internal_error']);
  const { access } = contract;
  if (contract.params !== undefined || contract.query !== undefined || contract.body !== undefined)
    codes.add('validation_failed');
  if (contract.body !== undefined) for (const code of bodyErrors) codes.add(code);
  if (access !== 'public' && access !== 'platform_public' && access !== 'client_credentials')
    for (const code of tokenErrors) codes.add(code);
  if (access === 'self') codes.add('context_not_allowed');
  if (typeof access === 'object' && 'permission' in access) for (const code of permissionErrors) codes.add(code);
  if (typeof access === 'object' && 'service' in access) codes.add('insufficient_scope');
  if (typeof access === 'object' && 'platform' in access) codes.add('platform_role_required');
  if (contract.method === 'POST' && contract.idempotency !== 'exempt')
    for (const code of idempotencyErrors) codes.add(code);
  if (contract.versioned === true && contract.method !== 'GET') codes.add('version_mismatch').add('invalid_if_match');
  if (contract.paged === true) codes.add('invalid_cursor');
  for (const code of contract.errors ?? []) codes.add(code);
  return byStatus(codes);
}

const bodyErrors: readonly ErrorCode[] = ['malformed_body', 'body_too_large', 'unsupported_media_type'];
const tokenErrors: readonly ErrorCode[] = [
  'authentication_required',
  'token_invalid',
  'token_expired',
  'token_stale',
  'token_revoked',
];
const permissionErrors: readonly ErrorCode[] = [
  'permission_denied',
  'module_unavailable',
  'context_required',
  'context_not_allowed',
];
const idempotencyErrors: readonly ErrorCode[] = [
  'invalid_idempotency_key',
  'idempotency_in_flight',
  'idempotency_key_reused',
];

function byStatus(codes: ReadonlySet<ErrorCode>): Json {
  const grouped = new Map<number, ErrorCode[]>();
  for (const code of codes) grouped.set(errors[code].status, [...(grouped.get(errors[code].status) ?? []), code]);
  return Object.fromEntries(
    [...grouped].map(([status, list]) => [
      status,
      {
        description: list.map((code) => `\`${code}\`: ${errors[code].title}`).join('; '),
        content: { [problemMediaType]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

/** TypeBox's own marks on a schema are hidden members, which JSON leaves out. */
const plain = (schema: TSchema): Json => JSON.parse(JSON.stringify(schema));

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'instance', 'correlation_id'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { enum: Object.keys(errors) },
    detail: { type: 'string' },
    instance: { type: 'string' },
    correlation_id: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: {
          path: { type: 'string', description: 'JSON pointer into the request' },
          message: { type: 'string' },
        },
      },
    },
  },
};

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
    {
      type: 'string',
      pattern: '^[A-Za-z0-9._-]{8,128}$',
    },
  ),
  IdempotencyKey: header(
    'Idempotency-Key',
    false,
    'The same key and request get the first answer again, for 24 hours',
    {
      type: 'string',
      minLength: 1,
      maxLength: 255,
    },
  ),
  IfMatch: header('If-Match', false, 'The ETag that the change rests on', { type: 'string' }),
  IfNoneMatch: header('If-None-Match', false, 'Answers 304 if nothing has changed', { type: 'string' }),
};
