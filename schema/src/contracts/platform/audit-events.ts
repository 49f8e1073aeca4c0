import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { AuditEvent, auditFilters, exportDescription, exportQuery } from '../control/audit-events.js';
import { closed, Id, literals, nullable, page, pageQuery } from '../shapes.js';

/** `missing`, `changed` …: what is wrong with a chain. */
export const auditProblemKinds = [
  'changed',
  'missing',
  'misplaced',
  'unlinked',
  'cut_off',
  'head',
  'rewritten',
  'unreadable',
] as const;

export const auditEvents = contracts('platform.auditEvents', {
  list: {
    method: 'GET',
    path: '/platform/audit-events',
    access: { platform: 'auditor' },
    summary: "List who changed what, newest first: every tenant's events and the platform's own",
    description: '`tenant_id` narrows it to one tenant, `own` to the platform itself. `from` is included, `to` is not.',
    query: closed({
      ...pageQuery,
      ...auditFilters,
      tenant_id: Type.Optional(Id),
      own: Type.Optional(Type.Boolean({ description: "Only the platform's own events" })),
    }),
    status: 200,
    response: page(AuditEvent),
    paged: true,
  },
  export: {
    method: 'GET',
    path: '/platform/audit-events/export',
    access: { platform: 'auditor' },
    summary: "Export one audit log with its hash chain: a tenant's, or the platform's own",
    description: exportDescription,
    query: closed({ ...exportQuery, tenant_id: Type.Optional(Id) }),
    status: 200,
    response: Type.String(),
    mediaType: 'application/x-ndjson',
    errors: ['not_found'],
  },
  verify: {
    method: 'POST',
    path: '/platform/audit-events/verify',
    access: { platform: 'auditor' },
    summary: 'Check the hash chain of one audit log, part by part',
    description:
      'At most 20,000 events a call, from `after_seq` on; where `next_after_seq` is not null, go on from there. The first hundred problems are named.',
    body: closed({
      tenant_id: nullable(Id),
      after_seq: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
    }),
    status: 200,
    errors: ['not_found'],
    response: closed({
      tenant_id: nullable(Id),
      checked: Type.Integer(),
      next_after_seq: nullable(Type.Integer()),
      problems: Type.Array(
        closed({ seq: nullable(Type.Integer()), kind: literals(auditProblemKinds), detail: Type.String() }),
      ),
    }),
    idempotency: 'exempt',
    rateClass: 'compute',
  },
});
