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

/** No later than the session: 30 days in all, 12 hours without a sign of life. */
const insertToken = statement<never>(
  'auth_insert_refresh_token',
  `insert into res_refresh_tokens (tenant_id, id, session_id, token_hash, expires_at)
   select tenant_id, $2, id, $4, least(expires_at, clock_timestamp() + interval '12 hours')
   from res_sessions where tenant_id = $1 and id = $3`,
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

const revoke = statement<{ user_id: string }>(
  'auth_revoke_session',
  `update res_sessions set revoked_at = clock_timestamp(), revoke_reason = $3, updated_at = clock_timestamp()
   where tenant_id = $1 and id = $2 and revoked_at is null
   returning user_id`,
);

/** Whose it was; undefined: it had ended before. */
export async function updateSessionRevoked(
  tx: Tx,
  tenantId: string,
  sessionId: string,
  reason: 'logout' | 'token_reuse',
): Promise<string | undefined> {
  const [row] = await tx.query(revoke, [tenantId, sessionId, reason]);
  return row?.user_id;
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
