import { bigint, foreignKey, index, inet, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { platformRoles } from '../../contract.js';
import { instanceKinds } from '../../contracts/internal/feed.js';
import { signingKeyStatuses } from '../../states/signing-key.js';
import { id, instant, oneOf, sha256, stamps } from '../columns.js';

export type InstanceKind = (typeof instanceKinds)[number];

export const accountStatuses = ['active', 'disabled'] as const;
export type AccountStatus = (typeof accountStatuses)[number];

/** Our own processes, by client credentials. */
export const platformServiceAccounts = pgTable(
  'platform_service_accounts',
  {
    id: id(),
    code: text().notNull(),
    secret_hash: text().notNull(),
    scopes: text().array().notNull(),
    status: text().notNull().default('active'),
    /** What the seeds gave last; null: the account is not theirs. They bring what is new to them, and leave the rest to operators. */
    seeded_secret_hash: text(),
    seeded_scopes: text().array(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'platform_service_accounts_pkey', columns: [t.id] }),
    unique('platform_service_accounts_code_key').on(t.code),
    oneOf('platform_service_accounts', t.status, accountStatuses),
  ],
);

/** Heartbeats: how far an instance has read the feed and which keys it holds. */
export const platformInstances = pgTable(
  'platform_instances',
  {
    id: id(),
    kind: text().notNull(),
    last_seen_at: instant().notNull(),
    feed_position: bigint({ mode: 'bigint' }).notNull(),
    key_ids: text().array().notNull(),
    /** State of each database that the instance has reached, by key. */
    databases: jsonb().notNull().default({}),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'platform_instances_pkey', columns: [t.id] }),
    oneOf('platform_instances', t.kind, instanceKinds),
  ],
);

export const platformSigningKeys = pgTable(
  'platform_signing_keys',
  {
    id: id(),
    kid: text().notNull(),
    status: text().notNull(),
    public_jwk: jsonb().notNull(),
    /** AES-256-GCM under a key from the environment. */
    private_key_encrypted: text().notNull(),
    activated_at: instant(),
    retires_at: instant(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'platform_signing_keys_pkey', columns: [t.id] }),
    unique('platform_signing_keys_kid_key').on(t.kid),
    oneOf('platform_signing_keys', t.status, signingKeyStatuses),
  ],
);

/** People who run the platform. Nothing of a tenant's is theirs but through the platform's API. */
export const platformAdmins = pgTable(
  'platform_admins',
  {
    id: id(),
    /** Normalised on write (NFKC, lower case), compared exactly. */
    email: text().notNull(),
    name: text().notNull(),
    password_hash: text().notNull(),
    role: text().notNull(),
    status: text().notNull().default('active'),
    totp_secret: text(),
    totp_confirmed_at: instant(),
    totp_last_step: bigint({ mode: 'number' }),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'platform_admins_pkey', columns: [t.id] }),
    unique('platform_admins_email_key').on(t.email),
    oneOf('platform_admins', t.role, platformRoles),
    oneOf('platform_admins', t.status, accountStatuses),
  ],
);

export const platformAdminSessions = pgTable(
  'platform_admin_sessions',
  {
    id: id(),
    admin_id: uuid().notNull(),
    ip: inet(),
    user_agent: text(),
    last_seen_at: instant().notNull(),
    expires_at: instant().notNull(),
    revoked_at: instant(),
    revoke_reason: text(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'platform_admin_sessions_pkey', columns: [t.id] }),
    foreignKey({
      name: 'platform_admin_sessions_admin_fkey',
      columns: [t.admin_id],
      foreignColumns: [platformAdmins.id],
    }),
    index('platform_admin_sessions_admin_idx').on(t.admin_id),
    index('platform_admin_sessions_expires_at_idx').on(t.expires_at),
  ],
);

export const platformAdminRefreshTokens = pgTable(
  'platform_admin_refresh_tokens',
  {
    id: id(),
    session_id: uuid().notNull(),
    token_hash: sha256().notNull(),
    used_at: instant(),
    expires_at: instant().notNull(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'platform_admin_refresh_tokens_pkey', columns: [t.id] }),
    unique('platform_admin_refresh_tokens_hash_key').on(t.token_hash),
    foreignKey({
      name: 'platform_admin_refresh_tokens_session_fkey',
      columns: [t.session_id],
      foreignColumns: [platformAdminSessions.id],
    }).onDelete('cascade'),
    index('platform_admin_refresh_tokens_session_idx').on(t.session_id),
    index('platform_admin_refresh_tokens_expires_at_idx').on(t.expires_at),
  ],
);

export const platformAdminRecoveryCodes = pgTable(
  'platform_admin_recovery_codes',
  {
    id: id(),
    admin_id: uuid().notNull(),
    code_hash: sha256().notNull(),
    used_at: instant(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'platform_admin_recovery_codes_pkey', columns: [t.id] }),
    unique('platform_admin_recovery_codes_hash_key').on(t.admin_id, t.code_hash),
    foreignKey({
      name: 'platform_admin_recovery_codes_admin_fkey',
      columns: [t.admin_id],
      foreignColumns: [platformAdmins.id],
    }).onDelete('cascade'),
  ],
);
