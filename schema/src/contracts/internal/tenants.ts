import { type Static, Type } from 'typebox';
import { contracts } from '../../contract.js';
import { closed, Id, literals, nullable } from '../shapes.js';
import { instanceDatabaseStates } from './feed.js';

/** A key of the data plane's catalogue; what it stands for, nobody but the data plane knows. */
export const DatabaseKey = Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,62}$', examples: ['erp-1'] });

/** As a data plane finds a database. */
export const databaseStates = [...instanceDatabaseStates, 'unknown'] as const;
export type DatabaseState = (typeof databaseStates)[number];

/** The databases that a tenant is configured with. Named here: the data plane may not have heard of the tenant yet. */
const TenantDatabases = closed({ erp_db_key: DatabaseKey, telemetry_db_key: Type.Optional(nullable(DatabaseKey)) });
export type TenantDatabases = Static<typeof TenantDatabases>;

const params = closed({ tenant_id: Id });

export const tenants = contracts('internal.tenants', {
  check: {
    method: 'POST',
    path: '/internal/tenants/:tenant_id/check',
    access: { service: 'tenant.lifecycle' },
    summary: 'Are the databases of a tenant there, reachable and at the schema of this release?',
    params,
    body: TenantDatabases,
    status: 200,
    response: closed({
      databases: Type.Array(closed({ key: DatabaseKey, state: literals(databaseStates) })),
    }),
    idempotency: 'exempt',
  },
  prepare: {
    method: 'POST',
    path: '/internal/tenants/:tenant_id/prepare',
    access: { service: 'tenant.lifecycle' },
    summary: 'Make the databases ready for a tenant',
    description:
      'Proves, as the application and in the tenant’s own scope, that it can work there. Saying so twice is fine.',
    params,
    body: TenantDatabases,
    status: 204,
    errors: ['database_unavailable', 'schema_behind', 'in_use'],
    idempotency: 'exempt',
  },
  purge: {
    method: 'POST',
    path: '/internal/tenants/:tenant_id/purge',
    access: { service: 'tenant.lifecycle' },
    summary: 'Delete every row of a tenant from its databases',
    description:
      'Table by table, each for good once it is done: asked again after a failure, it goes on with what is left. Refused with `in_use` as long as this data plane serves the tenant.',
    params,
    body: TenantDatabases,
    status: 200,
    response: closed({
      /** Rows that this call deleted. */
      deleted: Type.Integer(),
    }),
    errors: ['database_unavailable', 'schema_behind', 'in_use'],
    idempotency: 'exempt',
  },
});
