import { type Access, type Contract, featureFlagOf, takesIdempotencyKey, takesIfMatch } from '@platen/schema/contract';
import { type ErrorCode, errors } from '@platen/schema/errors';
import { makesCorrelationId } from './plan.js';
import { problemMediaType } from './problem.js';

export type Json = Record<string, unknown>;

/** Refusals are alike all over: each list of codes stands in the document once. */
export function collectFailures() {
  const names = new Map<string, string>();
  const responses: Json = {};
  const nameOf = (status: number, codes: readonly ErrorCode[]): string => {
    const key = codes.join();
    const name = names.get(key) ?? `${status}.${Object.keys(responses).length + 1}`;
    names.set(key, name);
    responses[name] ??= response(codes);
    return name;
  };
  return {
    /** What any endpoint of this access and shape can answer, and what this one adds: status → reference. */
    of(contract: Contract): Json {
      const grouped = new Map<number, ErrorCode[]>();
      for (const code of codesOf(contract)) {
        const { status } = errors[code];
        grouped.set(status, [...(grouped.get(status) ?? []), code]);
      }
      return Object.fromEntries(
        [...grouped].map(([status, codes]) => [
          status,
          { $ref: `#/components/responses/${nameOf(status, codes.sort())}` },
        ]),
      );
    },
    /** Those that were referred to, for `components`. */
    responses,
  };
}

function response(codes: readonly ErrorCode[]): Json {
  const [code = 'internal_error'] = codes;
  const example = {
    type: `urn:platen:error:${code}`,
    ...errors[code],
    code,
    instance: '/',
    correlation_id: 'order-desk-0001',
  };
  const schema = { allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }] };
  return {
    description: codes.map((each) => `\`${each}\`: ${errors[each].title}`).join('  \n'),
    content: { [problemMediaType]: { schema, example } },
  };
}

const always: readonly ErrorCode[] = [
  'validation_failed',
  'malformed_url',
  'rate_limited',
  'internal_error',
  'draining',
];
const databaseErrors: readonly ErrorCode[] = ['database_unavailable', 'schema_behind', 'dependency_unavailable'];
const atHost: readonly ErrorCode[] = ['invalid_host', 'tenant_not_found', 'tenant_suspended', ...databaseErrors];
const atPlatform: readonly ErrorCode[] = ['invalid_host', 'route_not_found', ...databaseErrors];
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
const writeErrors: readonly ErrorCode[] = [
  'malformed_body',
  'body_too_large',
  'unsupported_media_type',
  'conflict',
  'contended',
];
const idempotencyErrors: readonly ErrorCode[] = [
  'invalid_idempotency_key',
  'idempotency_in_flight',
  'idempotency_key_reused',
];

function codesOf(contract: Contract): Set<ErrorCode> {
  const { access, method } = contract;
  const codes = new Set<ErrorCode>([...always, ...accessErrors(access)]);
  const add = (more: readonly ErrorCode[]) => {
    for (const code of more) codes.add(code);
  };
  if (!makesCorrelationId(contract)) add(['correlation_id_required']);
  // An id that is too long for any route, and one of somebody else's.
  if (contract.params !== undefined) add(['not_found', 'route_not_found']);
  if (method !== 'GET') add(writeErrors);
  if (contract.upload !== undefined) add(['request_timeout']);
  if (contract.download === true) add(['range_not_satisfiable']);
  if (method !== 'GET' && !isInternal(access)) add(['origin_not_allowed']);
  if (takesIdempotencyKey(contract)) add(idempotencyErrors);
  if (takesIfMatch(contract)) add(['version_mismatch', 'invalid_if_match']);
  if (contract.paged === true) add(['invalid_cursor']);
  add(contract.errors ?? []);
  return codes;
}

const isInternal = (access: Access): boolean =>
  access === 'client_credentials' || (typeof access === 'object' && 'service' in access);

function accessErrors(access: Access): readonly ErrorCode[] {
  if (access === 'client_credentials') return [];
  if (access === 'public') return atHost;
  if (access === 'platform_public') return atPlatform;
  if (access === 'self') return [...atHost, ...tokenErrors, 'token_tenant_mismatch', 'context_not_allowed'];
  if ('service' in access) return [...tokenErrors, 'insufficient_scope'];
  if ('platform' in access) return [...atPlatform, ...tokenErrors, 'platform_role_required'];
  const flag = featureFlagOf(access.module);
  return [
    ...atHost,
    ...tokenErrors,
    'token_tenant_mismatch',
    ...permissionErrors,
    ...(flag === undefined ? [] : (['feature_disabled'] as const)),
  ];
}

/** Members beside these say more about some codes, e.g. `permission`. */
export const problemSchema = {
  type: 'object',
  description: 'RFC 9457. `code` is what to compare; `title` and `detail` are for people.',
  required: ['type', 'title', 'status', 'code', 'instance', 'correlation_id'],
  properties: {
    type: { type: 'string', examples: ['urn:platen:error:validation_failed'] },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { enum: Object.keys(errors) },
    detail: { type: 'string' },
    instance: { type: 'string', description: 'Path of the request' },
    correlation_id: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: {
          path: { type: 'string', description: 'JSON pointer into the request', examples: ['/body/name'] },
          message: { type: 'string' },
        },
      },
    },
  },
};
