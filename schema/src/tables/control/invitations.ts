import { foreignKey, index, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { roleScopes } from '../../contracts/control/user-roles.js';
import { id, instant, oneOf, sha256, stamps } from '../columns.js';
import { resOrganizations, resWorkspaces } from './organizations.js';
import { resRoles, scopeNamesItsPlace } from './roles.js';
import { tenants } from './tenants.js';

/** Somebody asked in, with the role that accepting gives. The link's token is stored hashed. */
export const resUserInvitations = pgTable(
  'res_user_invitations',
  {
    tenant_id: uuid().notNull(),
    id: id(),
    email: text().notNull(),
    role_id: uuid().notNull(),
    scope: text().notNull(),
    organization_id: uuid(),
    workspace_id: uuid(),
    token_hash: sha256().notNull(),
    invited_by: uuid().notNull(),
    expires_at: instant().notNull(),
    accepted_at: instant(),
    revoked_at: instant(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'res_user_invitations_pkey', columns: [t.tenant_id, t.id] }),
    unique('res_user_invitations_hash_key').on(t.tenant_id, t.token_hash),
    foreignKey({ name: 'res_user_invitations_tenant_fkey', columns: [t.tenant_id], foreignColumns: [tenants.id] }),
    foreignKey({ name: 'res_user_invitations_role_fkey', columns: [t.role_id], foreignColumns: [resRoles.id] }),
    foreignKey({
      name: 'res_user_invitations_organization_fkey',
      columns: [t.tenant_id, t.organization_id],
      foreignColumns: [resOrganizations.tenant_id, resOrganizations.id],
    }),
    foreignKey({
      name: 'res_user_invitations_workspace_fkey',
      columns: [t.tenant_id, t.organization_id, t.workspace_id],
      foreignColumns: [resWorkspaces.tenant_id, resWorkspaces.organization_id, resWorkspaces.id],
    }),
    index('res_user_invitations_email_idx').on(t.tenant_id, t.email),
    index('res_user_invitations_role_idx').on(t.tenant_id, t.role_id),
    oneOf('res_user_invitations', t.scope, roleScopes),
    scopeNamesItsPlace('res_user_invitations'),
  ],
);
