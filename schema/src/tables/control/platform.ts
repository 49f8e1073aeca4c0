import { bigint, jsonb, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { id, instant, oneOf, stamps } from '../columns.js';

export const signingKeyStatuses = ['next', 'active', 'retiring', 'retired', 'revoked'] as const;
export type SigningKeyStatus = (typeof signingKeyStatuses)[number];
export const instanceKinds = ['data-plane'] as const;
export type InstanceKind = (typeof instanceKinds)[number];

/** Our own processes, by client credentials. */
export const platformServiceAccounts = pgTable(
  'platform_service_accounts',
  {
    id: id(),
    code: text().notNull(),
    secret_hash: text().notNull(),
    scopes: text().array().notNull(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'platform_service_accounts_pkey', columns: [t.id] }),
    unique('platform_service_accounts_code_key').on(t.code),
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
