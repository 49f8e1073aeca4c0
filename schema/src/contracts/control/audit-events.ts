import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { closed, Id, literals, nullable, page, pageQuery, Timestamp } from '../shapes.js';

export const auditActorTypes = ['user', 'api_key', 'platform_admin', 'service', 'system', 'anonymous'] as const;

const Hash = Type.String({ description: 'SHA-256, hexadecimal; empty before the first event of a chain' });

export const AuditEvent = closed({
  id: Id,
  tenant_id: nullable(Id),
  /** 1, 2, 3 … within the chain. */
  seq: Type.Integer(),
  actor_type: literals(auditActorTypes),
  actor_id: nullable(Type.String()),
  action: Type.String(),
  target: Type.String(),
  before: Type.Unknown({ description: 'What it was, as the API showed it; null where there was nothing' }),
  after: Type.Unknown({ description: 'What it is, as the API shows it; null where there is nothing' }),
  ip: nullable(Type.String()),
  correlation_id: Type.String(),
  prev_hash: Hash,
  hash: Hash,
  created_at: Timestamp,
});

export const auditFilters = {
  actor_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  action: Type.Optional(Type.String({ pattern: '^[a-z_]{1,64}\\.[a-z_]{1,64}$', examples: ['role.update'] })),
  target: Type.Optional(
    Type.String({ minLength: 1, maxLength: 256, examples: ['role:01930000-0000-7000-8000-000000000001'] }),
  ),
  from: Type.Optional(Timestamp),
  to: Type.Optional(Timestamp),
};
export const exportQuery = {
  /** For what came after an earlier export. */
  after_seq: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 })),
};
export const exportDescription =
  'NDJSON: a first line with `format`, `tenant_id`, `after_seq`, `prev_hash`, `event_count` and `last_hash` (the head of the chain when the export began), then one event a line in order, then `{"end":true,"count"}`. With the hashes it can be checked without the database: docs/security.md says how.';

export const auditEvents = contracts('admin.auditEvents', {
  list: {
    method: 'GET',
    path: '/api/admin/audit-events',
    access: requires('admin.audit_event.read'),
    summary: 'List who changed what, newest first',
    description: '`from` is included, `to` is not. The permission is needed for the whole tenant.',
    query: closed({ ...pageQuery, ...auditFilters }),
    status: 200,
    response: page(AuditEvent),
    paged: true,
  },
  export: {
    method: 'GET',
    path: '/api/admin/audit-events/export',
    access: requires('admin.audit_event.read'),
    summary: 'Export the audit log of the tenant with its hash chain',
    description: exportDescription,
    query: closed(exportQuery),
    status: 200,
    response: Type.String(),
    mediaType: 'application/x-ndjson',
    errors: ['not_found'],
  },
});
