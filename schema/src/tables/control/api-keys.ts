import { foreignKey, index, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { roleScopes } from '../../contracts/control/user-roles.js';
import { id, instant, oneOf, sha256, stamps } from '../columns.js';
import { resOrganizations, resWorkspaces } from './organizations.js';
import { resRoles, scopeNamesItsPlace } from './roles.js';
import { tenants } from './tenants.js';

/** A machine of the tenant's: exchanged for a token with the role's permissions at the key's scope. Stored hashed. */
export const resApiKeys = pgTable(
  'res_api_keys',
  {
    tenant_id: uuid().notNull(),
    id: id(),
    name: text().notNull(),
    /** The key's first characters: found by, and shown so that people can tell keys apart. */
    prefix: text().notNull(),
    key_hash: sha256().notNull(),
    role_id: uuid().notNull(),
    scope: text().notNull(),
    organization_id: uuid(),
    workspace_id: uuid(),
    created_by: uuid().notNull(),
    expires_at: instant(),
    last_used_at: instant(),
    revoked_at: instant(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'res_api_keys_pkey', columns: [t.tenant_id, t.id] }),
    unique('res_api_keys_prefix_key').on(t.tenant_id, t.prefix),
    foreignKey({ name: 'res_api_keys_tenant_fkey', columns: [t.tenant_id], foreignColumns: [tenants.id] }),
    foreignKey({ name: 'res_api_keys_role_fkey', columns: [t.role_id], foreignColumns: [resRoles.id] }),
    foreignKey({
      name: 'res_api_keys_organization_fkey',
      columns: [t.tenant_id, t.organization_id],
      foreignColumns: [resOrganizations.tenant_id, resOrganizations.id],
    }),
    foreignKey({
      name: 'res_api_keys_workspace_fkey',
      columns: [t.tenant_id, t.organization_id, t.workspace_id],
      foreignColumns: [resWorkspaces.tenant_id, resWorkspaces.organization_id, resWorkspaces.id],
    }),
    index('res_api_keys_role_idx').on(t.tenant_id, t.role_id),
    oneOf('res_api_keys', t.scope, roleScopes),
    scopeNamesItsPlace('res_api_keys'),
  ],
);
