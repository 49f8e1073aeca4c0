import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { type Context, type Identity, identityJson, parseIdentity } from '../access/index.js';
import { type Organization, organizationsJson } from '../context/index.js';

/** What signing in or refreshing needs to know of a user, of one moment. */
export interface SignInState {
  readonly identity: Identity;
  readonly organizations: readonly Organization[];
}
const stateColumns = `${identityJson} as identity, ${organizationsJson} as organizations`;
const stateParsers = { identity: parseIdentity, organizations: 'json' } as const;

/** An index look-up and no more, so that an e-mail nobody has takes as long. */
const findByEmail = statement<{ id: string; password_hash: string | null; active: boolean }>(
  'auth_find_user_by_email',
  `select id, password_hash, status = 'active' as active from res_users where tenant_id = $1 and email = $2`,
  { parse: { active: 'bool' } },
);

export async function findCredentials(db: Queryable, tenantId: string, email: string) {
  const [row] = await db.query(findByEmail, [tenantId, email]);
  return row;
}

const findState = statement<SignInState>(
  'auth_find_sign_in_state',
  `select ${stateColumns} from res_users u join tenants t on t.id = u.tenant_id where u.tenant_id = $1 and u.id = $2`,
  { parse: stateParsers },
);

export async function findSignInState(
  db: Queryable,
  tenantId: string,
  userId: string,
): Promise<SignInState | undefined> {
  const [row] = await db.query(findState, [tenantId, userId]);
  return row;
}

export interface RefreshRow extends SignInState {
  readonly token_id: string;
  readonly session_id: string;
  readonly session_ended: boolean;
  readonly context: Context;
  readonly expired: boolean;
  readonly used: boolean;
  /** Used so lately that a second tab may have done it. */
  readonly just_used: boolean;
}

/**
 * Locks the session, then the token: two uses of one token, and a use and a sign-out, come one after the other.
 * After a wait both rows are read again as they then are; everything else is of the statement's start, as the epochs are.
 */
const lockToken = statement<RefreshRow>(
  'auth_lock_refresh_token',
  `select r.id as token_id, s.id as session_id,
     s.revoked_at is not null or s.expires_at <= clock_timestamp() as session_ended,
     json_build_object('organizationId', s.organization_id, 'workspaceId', s.workspace_id) as context,
     r.expires_at <= clock_timestamp() as expired, r.used_at is not null as used,
     coalesce(r.used_at > clock_timestamp() - interval '10 seconds', false) as just_used,
     ${stateColumns}
   from res_refresh_tokens r
   join res_sessions s on s.tenant_id = r.tenant_id and s.id = r.session_id
   join res_users u on u.tenant_id = s.tenant_id and u.id = s.user_id
   join tenants t on t.id = u.tenant_id
   where r.tenant_id = $1 and r.token_hash = $2
   for no key update of s, r`,
  {
    parse: {
      ...stateParsers,
      context: 'json',
      session_ended: 'bool',
      expired: 'bool',
      used: 'bool',
      just_used: 'bool',
    },
  },
);

export async function lockRefreshToken(tx: Tx, tenantId: string, tokenHash: string): Promise<RefreshRow | undefined> {
  const [row] = await tx.query(lockToken, [tenantId, tokenHash]);
  return row;
}

const findUnused = statement<{ id: string }>(
  'auth_find_unused_refresh_token',
  `select id from res_refresh_tokens
   where tenant_id = $1 and session_id = $2 and token_hash = $3 and used_at is null and expires_at > clock_timestamp()`,
);

export async function isUnusedRefreshToken(tx: Tx, tenantId: string, sessionId: string, tokenHash: string) {
  return (await tx.query(findUnused, [tenantId, sessionId, tokenHash])).length === 1;
}

const useToken = statement<never>(
  'auth_use_refresh_token',
  `update res_refresh_tokens set used_at = clock_timestamp(), updated_at = clock_timestamp()
   where tenant_id = $1 and id = $2`,
);
/** No later than the session: 30 days in all, 12 hours without a sign of life. */
const insertToken = statement<never>(
  'auth_insert_refresh_token',
  `insert into res_refresh_tokens (tenant_id, id, session_id, token_hash, expires_at)
   select tenant_id, $2, id, $4, least(expires_at, clock_timestamp() + interval '12 hours')
   from res_sessions where tenant_id = $1 and id = $3`,
);
const touchSession = statement<never>(
  'auth_touch_session',
  `update res_sessions set last_seen_at = clock_timestamp(), organization_id = $3, workspace_id = $4,
     updated_at = clock_timestamp()
   where tenant_id = $1 and id = $2`,
);
const insertNewSession = statement<never>(
  'auth_insert_session',
  `insert into res_sessions
     (tenant_id, id, user_id, organization_id, workspace_id, ip, user_agent, last_seen_at, expires_at)
   values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp(), clock_timestamp() + interval '30 days')`,
);

export interface NewToken {
  readonly id: string;
  readonly sessionId: string;
  readonly hash: string;
}

export function insertRefreshToken(tx: Tx, tenantId: string, token: NewToken): void {
  tx.defer(insertToken, [tenantId, token.id, token.sessionId, token.hash]);
}

export function updateRefreshTokenUsed(tx: Tx, tenantId: string, tokenId: string): void {
  tx.defer(useToken, [tenantId, tokenId]);
}

export function updateSessionContext(tx: Tx, tenantId: string, sessionId: string, context: Context): void {
  tx.defer(touchSession, [tenantId, sessionId, context.organizationId, context.workspaceId]);
}

export interface NewSession {
  readonly id: string;
  readonly userId: string;
  readonly context: Context;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

export function insertSession(tx: Tx, tenantId: string, session: NewSession): void {
  const { organizationId, workspaceId } = session.context;
  tx.defer(insertNewSession, [
    tenantId,
    session.id,
    session.userId,
    organizationId,
    workspaceId,
    session.ip,
    session.userAgent,
  ]);
}

const revoke = statement<{ id: string }>(
  'auth_revoke_session',
  `update res_sessions set revoked_at = clock_timestamp(), revoke_reason = $3, updated_at = clock_timestamp()
   where tenant_id = $1 and id = $2 and revoked_at is null
   returning id`,
);

/** Was it still open? */
export async function updateSessionRevoked(
  tx: Tx,
  tenantId: string,
  sessionId: string,
  reason: 'logout' | 'token_reuse',
) {
  return (await tx.query(revoke, [tenantId, sessionId, reason])).length === 1;
}

const findSession = statement<{ session_id: string }>(
  'auth_find_session_of_token',
  'select session_id from res_refresh_tokens where tenant_id = $1 and token_hash = $2',
);

export async function findSessionOfToken(
  db: Queryable,
  tenantId: string,
  tokenHash: string,
): Promise<string | undefined> {
  const [row] = await db.query(findSession, [tenantId, tokenHash]);
  return row?.session_id;
}

const updateHash = statement<never>(
  'auth_update_password_hash',
  `update res_users set password_hash = $3, updated_at = now()
   where tenant_id = $1 and id = $2 and password_hash = $4`,
);

/** Unless the password was changed meanwhile. */
export function updatePasswordHash(tx: Tx, tenantId: string, userId: string, hash: string, replaced: string): void {
  tx.defer(updateHash, [tenantId, userId, hash, replaced]);
}
