import { foreignKey, index, inet, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { id, instant, sha256, stamps } from '../columns.js';
import { resOrganizations, resWorkspaces } from './organizations.js';
import { resUsers } from './users.js';

export const resSessions = pgTable(
  'res_sessions',
  {
    tenant_id: uuid().notNull(),
    id: id(),
    user_id: uuid().notNull(),
    /** The context chosen last: what a refresh issues the next token for. */
    organization_id: uuid(),
    workspace_id: uuid(),
    ip: inet(),
    user_agent: text(),
    last_seen_at: instant().notNull(),
    expires_at: instant().notNull(),
    revoked_at: instant(),
    revoke_reason: text(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'res_sessions_pkey', columns: [t.tenant_id, t.id] }),
    foreignKey({
      name: 'res_sessions_user_fkey',
      columns: [t.tenant_id, t.user_id],
      foreignColumns: [resUsers.tenant_id, resUsers.id],
    }),
    foreignKey({
      name: 'res_sessions_organization_fkey',
      columns: [t.tenant_id, t.organization_id],
      foreignColumns: [resOrganizations.tenant_id, resOrganizations.id],
    }),
    foreignKey({
      name: 'res_sessions_workspace_fkey',
      columns: [t.tenant_id, t.organization_id, t.workspace_id],
      foreignColumns: [resWorkspaces.tenant_id, resWorkspaces.organization_id, resWorkspaces.id],
    }),
    index('res_sessions_user_idx').on(t.tenant_id, t.user_id),
    index('res_sessions_expires_at_idx').on(t.expires_at),
  ],
);

/** A chain: each serves once, its successor is derived from it. Stored hashed. */
export const resRefreshTokens = pgTable(
  'res_refresh_tokens',
  {
    tenant_id: uuid().notNull(),
    id: id(),
    session_id: uuid().notNull(),
    token_hash: sha256().notNull(),
    used_at: instant(),
    expires_at: instant().notNull(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'res_refresh_tokens_pkey', columns: [t.tenant_id, t.id] }),
    unique('res_refresh_tokens_hash_key').on(t.tenant_id, t.token_hash),
    foreignKey({
      name: 'res_refresh_tokens_session_fkey',
      columns: [t.tenant_id, t.session_id],
      foreignColumns: [resSessions.tenant_id, resSessions.id],
    }).onDelete('cascade'),
    index('res_refresh_tokens_session_idx').on(t.tenant_id, t.session_id),
    // Rows come in the order of their end, near enough: a summary of blocks finds the old ones, and an insert costs nothing.
    index('res_refresh_tokens_expires_at_idx').using('brin', t.expires_at),
  ],
);
