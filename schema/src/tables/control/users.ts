import { foreignKey, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { id, oneOf, stamps } from '../columns.js';
import { resOrganizations, resWorkspaces } from './organizations.js';
import { tenants } from './tenants.js';

export const userStatuses = ['invited', 'active', 'disabled'] as const;
export type UserStatus = (typeof userStatuses)[number];

export const resUsers = pgTable(
  'res_users',
  {
    tenant_id: uuid().notNull(),
    id: id(),
    /** Normalised on write (NFKC, lower case), compared exactly. */
    email: text().notNull(),
    name: text().notNull(),
    /** PHC string; null: never set one, so can't sign in by password. */
    password_hash: text(),
    status: text().notNull(),
    /** Tokens with a lower user epoch are stale. */
    authz_epoch: integer().notNull().default(1),
    default_organization_id: uuid(),
    default_workspace_id: uuid(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'res_users_pkey', columns: [t.tenant_id, t.id] }),
    unique('res_users_email_key').on(t.tenant_id, t.email),
    foreignKey({ name: 'res_users_tenant_fkey', columns: [t.tenant_id], foreignColumns: [tenants.id] }),
    foreignKey({
      name: 'res_users_default_organization_fkey',
      columns: [t.tenant_id, t.default_organization_id],
      foreignColumns: [resOrganizations.tenant_id, resOrganizations.id],
    }),
    foreignKey({
      name: 'res_users_default_workspace_fkey',
      columns: [t.tenant_id, t.default_organization_id, t.default_workspace_id],
      foreignColumns: [resWorkspaces.tenant_id, resWorkspaces.organization_id, resWorkspaces.id],
    }),
    oneOf('res_users', t.status, userStatuses),
  ],
);
