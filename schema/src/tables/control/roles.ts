import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { roleScopes } from '../../contracts/control/user-roles.js';
import { id, instant, oneOf, stamps } from '../columns.js';
import { resOrganizations, resWorkspaces } from './organizations.js';
import { platformProductModules } from './plans.js';
import { tenants } from './tenants.js';
import { resUsers } from './users.js';

export const overrideEffects = ['allow', 'deny'] as const;
export type OverrideEffect = (typeof overrideEffects)[number];

/** The permission catalogue, seeded from `permissions.ts`. */
export const resPermissions = pgTable(
  'res_permissions',
  {
    id: id(),
    code: text().notNull(),
    module_id: uuid().notNull(),
    /** Place in the token's bit map; never given twice. */
    bit: integer().notNull(),
    description: text().notNull(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'res_permissions_pkey', columns: [t.id] }),
    unique('res_permissions_code_key').on(t.code),
    unique('res_permissions_bit_key').on(t.bit),
    foreignKey({
      name: 'res_permissions_module_fkey',
      columns: [t.module_id],
      foreignColumns: [platformProductModules.id],
    }),
    check('res_permissions_bit_check', sql`bit >= 0`),
  ],
);

/**
 * `tenant_id` null: a system role, which every tenant may use and none may change. So its key can't carry the owner;
 * a trigger holds that a row of a tenant names only its own or a system role.
 */
export const resRoles = pgTable(
  'res_roles',
  {
    id: id(),
    tenant_id: uuid(),
    code: text().notNull(),
    name: text().notNull(),
    /** Kept without permissions and code, for what once named it: revoked API keys, accepted invitations. */
    deleted_at: instant(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'res_roles_pkey', columns: [t.id] }),
    unique('res_roles_code_key').on(t.tenant_id, t.code).nullsNotDistinct(),
    foreignKey({ name: 'res_roles_tenant_fkey', columns: [t.tenant_id], foreignColumns: [tenants.id] }),
  ],
);

export const resRolePermissions = pgTable(
  'res_role_permissions',
  {
    /** The role's own (trigger). */
    tenant_id: uuid(),
    role_id: uuid().notNull(),
    permission_id: uuid().notNull(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'res_role_permissions_pkey', columns: [t.role_id, t.permission_id] }),
    foreignKey({ name: 'res_role_permissions_role_fkey', columns: [t.role_id], foreignColumns: [resRoles.id] }),
    foreignKey({
      name: 'res_role_permissions_permission_fkey',
      columns: [t.permission_id],
      foreignColumns: [resPermissions.id],
    }),
  ],
);

/** A scope says how far a row reaches, and names exactly what it reaches. */
export const scopeNamesItsPlace = (table: string) =>
  check(
    `${table}_place_check`,
    sql`case scope
      when 'tenant' then organization_id is null and workspace_id is null
      when 'organization' then organization_id is not null and workspace_id is null
      when 'workspace' then organization_id is not null and workspace_id is not null
      else false end`,
  );

/** The one source of a user's access to organizations and workspaces. */
export const resUserRoles = pgTable(
  'res_user_roles',
  {
    tenant_id: uuid().notNull(),
    id: id(),
    user_id: uuid().notNull(),
    role_id: uuid().notNull(),
    scope: text().notNull(),
    organization_id: uuid(),
    workspace_id: uuid(),
    expires_at: instant(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'res_user_roles_pkey', columns: [t.tenant_id, t.id] }),
    unique('res_user_roles_grant_key')
      .on(t.tenant_id, t.user_id, t.role_id, t.organization_id, t.workspace_id)
      .nullsNotDistinct(),
    foreignKey({
      name: 'res_user_roles_user_fkey',
      columns: [t.tenant_id, t.user_id],
      foreignColumns: [resUsers.tenant_id, resUsers.id],
    }),
    foreignKey({ name: 'res_user_roles_role_fkey', columns: [t.role_id], foreignColumns: [resRoles.id] }),
    foreignKey({
      name: 'res_user_roles_organization_fkey',
      columns: [t.tenant_id, t.organization_id],
      foreignColumns: [resOrganizations.tenant_id, resOrganizations.id],
    }),
    foreignKey({
      name: 'res_user_roles_workspace_fkey',
      columns: [t.tenant_id, t.organization_id, t.workspace_id],
      foreignColumns: [resWorkspaces.tenant_id, resWorkspaces.organization_id, resWorkspaces.id],
    }),
    index('res_user_roles_role_idx').on(t.tenant_id, t.role_id),
    oneOf('res_user_roles', t.scope, roleScopes),
    scopeNamesItsPlace('res_user_roles'),
  ],
);

export const resUserPermissionOverrides = pgTable(
  'res_user_permission_overrides',
  {
    tenant_id: uuid().notNull(),
    id: id(),
    user_id: uuid().notNull(),
    permission_id: uuid().notNull(),
    effect: text().notNull(),
    scope: text().notNull(),
    organization_id: uuid(),
    workspace_id: uuid(),
    reason: text().notNull(),
    expires_at: instant(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'res_user_permission_overrides_pkey', columns: [t.tenant_id, t.id] }),
    unique('res_user_permission_overrides_place_key')
      .on(t.tenant_id, t.user_id, t.permission_id, t.effect, t.organization_id, t.workspace_id)
      .nullsNotDistinct(),
    foreignKey({
      name: 'res_user_permission_overrides_user_fkey',
      columns: [t.tenant_id, t.user_id],
      foreignColumns: [resUsers.tenant_id, resUsers.id],
    }),
    foreignKey({
      name: 'res_user_permission_overrides_permission_fkey',
      columns: [t.permission_id],
      foreignColumns: [resPermissions.id],
    }),
    foreignKey({
      name: 'res_user_permission_overrides_organization_fkey',
      columns: [t.tenant_id, t.organization_id],
      foreignColumns: [resOrganizations.tenant_id, resOrganizations.id],
    }),
    foreignKey({
      name: 'res_user_permission_overrides_workspace_fkey',
      columns: [t.tenant_id, t.organization_id, t.workspace_id],
      foreignColumns: [resWorkspaces.tenant_id, resWorkspaces.organization_id, resWorkspaces.id],
    }),
    oneOf('res_user_permission_overrides', t.effect, overrideEffects),
    oneOf('res_user_permission_overrides', t.scope, roleScopes),
    scopeNamesItsPlace('res_user_permission_overrides'),
  ],
);
