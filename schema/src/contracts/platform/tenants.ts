import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { tenantStatuses } from '../internal/feed.js';
import { DatabaseKey } from '../internal/tenants.js';
import {
  closed,
  Email,
  Id,
  IdParams,
  literals,
  Name,
  nullable,
  page,
  pageQuery,
  partial,
  stamps,
  Timestamp,
} from '../shapes.js';

/** A label of the DNS: tenants live at `<slug>.<base domain>`. */
export const Slug = Type.String({
  pattern: '^[a-z][a-z0-9-]{1,38}[a-z0-9]$',
  description: '3 to 40 of a-z, 0-9 and hyphen; some are reserved',
  examples: ['acme'],
});

const fields = {
  id: Id,
  slug: Type.String(),
  name: Name,
  status: literals(tenantStatuses),
  status_changed_at: Timestamp,
  /** While `deleting`: until then the deletion can be taken back. */
  delete_after: nullable(Timestamp),
  /** Why the last provisioning failed. */
  provision_error: nullable(Type.String()),
  plan_id: Id,
  plan_code: Type.String(),
  erp_db_key: Type.String(),
  telemetry_db_key: nullable(Type.String()),
  ...stamps,
};
export const Tenant = closed(fields);

export const TenantDetails = closed({
  ...fields,
  domains: Type.Array(closed({ domain: Type.String(), is_primary: Type.Boolean(), verified_at: nullable(Timestamp) })),
  usage: closed({
    users: closed({ active: Type.Integer(), invited: Type.Integer(), disabled: Type.Integer() }),
    organizations: Type.Integer(),
    workspaces: Type.Integer(),
    api_keys: Type.Integer(),
    open_sessions: Type.Integer(),
  }),
  feed: closed({
    /** Of the last change that data planes were told about this tenant; null: none that is kept. */
    last_change: nullable(Type.String()),
    /** Live data planes that have not read that far yet. */
    lagging_data_planes: Type.Integer(),
  }),
});

const operator = { platform: 'operator' } as const;
const owner = { platform: 'owner' } as const;

export const tenants = contracts('platform.tenants', {
  list: {
    method: 'GET',
    path: '/platform/tenants',
    access: { platform: 'auditor' },
    summary: 'List tenants, newest first',
    query: closed({
      ...pageQuery,
      status: Type.Optional(literals(tenantStatuses)),
      plan_id: Type.Optional(Id),
      slug_prefix: Type.Optional(Type.String({ minLength: 1, maxLength: 40, pattern: '^[a-z0-9-]{1,40}$' })),
      erp_db_key: Type.Optional(DatabaseKey),
    }),
    status: 200,
    response: page(Tenant),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/platform/tenants/:id',
    access: { platform: 'auditor' },
    summary: 'Get a tenant with its domains, its use, and how far the data planes know of it',
    params: IdParams,
    status: 200,
    response: TenantDetails,
    errors: ['not_found'],
  },
  create: {
    method: 'POST',
    path: '/platform/tenants',
    access: operator,
    summary: 'Create a tenant with its first administrator',
    description:
      'Answers at once, with the status `provisioning`. The databases it names are checked and prepared; then it is `active`, and its administrator gets an invitation. What fails leaves `provision_failed` and `provision_error`: provision it again, or delete it.',
    body: closed({
      slug: Slug,
      name: Name,
      plan_id: Id,
      erp_db_key: DatabaseKey,
      /** Left out: the installation's default, where it has one. null: without telemetry. */
      telemetry_db_key: Type.Optional(nullable(DatabaseKey)),
      admin: closed({ email: Email, name: Name }),
    }),
    status: 201,
    response: Tenant,
    errors: ['duplicate', 'slug_unacceptable', 'unknown_reference'],
  },
  update: {
    method: 'PATCH',
    path: '/platform/tenants/:id',
    access: operator,
    summary: 'Rename a tenant, or move it onto another plan',
    description:
      'Data planes hear of it within a second. What a plan would take away is told by its preview. The keys of databases can be changed as long as the tenant never had any: after a failed provisioning. A tenant that works and has no telemetry database is given its first one, which is made ready for it before it is named.',
    params: IdParams,
    body: partial({
      name: Name,
      plan_id: Id,
      erp_db_key: DatabaseKey,
      telemetry_db_key: nullable(DatabaseKey),
    }),
    status: 200,
    response: Tenant,
    errors: ['not_found', 'unknown_reference', 'illegal_transition', 'dependency_unavailable'],
  },
  provision: {
    method: 'POST',
    path: '/platform/tenants/:id/provision',
    access: operator,
    summary: 'Provision a tenant again after a failure',
    params: IdParams,
    status: 200,
    response: Tenant,
    errors: ['not_found', 'illegal_transition'],
  },
  suspend: {
    method: 'POST',
    path: '/platform/tenants/:id/suspend',
    access: operator,
    summary: 'Refuse everything of a tenant, on both planes',
    description: 'Every data plane refuses within a second. Nothing is lost.',
    params: IdParams,
    status: 200,
    response: Tenant,
    errors: ['not_found', 'illegal_transition'],
  },
  reactivate: {
    method: 'POST',
    path: '/platform/tenants/:id/reactivate',
    access: operator,
    summary: 'Serve a tenant again that was suspended, or take back its deletion',
    description: 'A deletion can be taken back until `delete_after`.',
    params: IdParams,
    status: 200,
    response: Tenant,
    errors: ['not_found', 'illegal_transition'],
  },
  delete: {
    method: 'POST',
    path: '/platform/tenants/:id/delete',
    access: owner,
    summary: 'Delete a tenant, for good once its grace period is over',
    description:
      'Nobody is served from now on. When `delete_after` has passed, its rows go from every database and its slug is free again; the audit log stays. A tenant whose provisioning failed has no grace period.',
    params: IdParams,
    status: 200,
    response: Tenant,
    errors: ['not_found', 'illegal_transition'],
  },
});
