import { bigint, foreignKey, index, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { id, instant, oneOf, sha256, stamps } from '../columns.js';
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
    /** AES-256-GCM; asked for at sign-in once it is confirmed. */
    totp_secret: text(),
    totp_confirmed_at: instant(),
    /** The last time step (RFC 6238) that was used: each serves once. */
    totp_last_step: bigint({ mode: 'number' }),
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

export const userTokenKinds = ['password_reset', 'email_change'] as const;
export type UserTokenKind = (typeof userTokenKinds)[number];

/** One-use links in mails. Stored hashed. */
export const resUserTokens = pgTable(
  'res_user_tokens',
  {
    tenant_id: uuid().notNull(),
    id: id(),
    user_id: uuid().notNull(),
    kind: text().notNull(),
    token_hash: sha256().notNull(),
    /** For `email_change`: the address that the link was sent to. */
    new_email: text(),
    expires_at: instant().notNull(),
    used_at: instant(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'res_user_tokens_pkey', columns: [t.tenant_id, t.id] }),
    unique('res_user_tokens_hash_key').on(t.tenant_id, t.token_hash),
    foreignKey({
      name: 'res_user_tokens_user_fkey',
      columns: [t.tenant_id, t.user_id],
      foreignColumns: [resUsers.tenant_id, resUsers.id],
    }).onDelete('cascade'),
    index('res_user_tokens_user_idx').on(t.tenant_id, t.user_id),
    index('res_user_tokens_expires_at_idx').on(t.expires_at),
    oneOf('res_user_tokens', t.kind, userTokenKinds),
  ],
);

/** In place of a TOTP code when the device is lost; each serves once. */
export const resUserRecoveryCodes = pgTable(
  'res_user_recovery_codes',
  {
    tenant_id: uuid().notNull(),
    id: id(),
    user_id: uuid().notNull(),
    code_hash: sha256().notNull(),
    used_at: instant(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'res_user_recovery_codes_pkey', columns: [t.tenant_id, t.id] }),
    unique('res_user_recovery_codes_hash_key').on(t.tenant_id, t.user_id, t.code_hash),
    foreignKey({
      name: 'res_user_recovery_codes_user_fkey',
      columns: [t.tenant_id, t.user_id],
      foreignColumns: [resUsers.tenant_id, resUsers.id],
    }).onDelete('cascade'),
  ],
);
