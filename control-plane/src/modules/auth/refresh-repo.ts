import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import type { UserStatus } from '@platen/schema/tables/control/users';
import type { Context } from '../access/index.js';

/** A token that was used just now, with its session and whom it is for. */
export interface RotatedRow {
  readonly organization_id: string | null;
  readonly workspace_id: string | null;
  readonly user_id: string;
  readonly email: string;
  readonly user_name: string;
  readonly status: UserStatus;
  readonly default_organization_id: string | null;
  readonly default_workspace_id: string | null;
  readonly tenant_name: string;
  readonly tenant_epoch: number;
  readonly user_epoch: number;
}

/**
 * The ordinary refresh in one statement, and so in one transaction: uses the token and inserts the successor, if token and
 * session are open. Of two at once the second waits for the token's row and finds it used. A session that ends meanwhile
 * has a successor that nobody can use. A token lasts no longer than the session: 30 days in all, 12 hours without a sign
 * of life, of which the newest token is the last. Epochs are of the statement's start, as whatever is known of them.
 */
const rotate = statement<RotatedRow>(
  'auth_rotate_refresh_token',
  `with used as (
     update res_refresh_tokens r set used_at = clock_timestamp(), updated_at = clock_timestamp()
     from res_sessions s
     where r.tenant_id = $1 and r.token_hash = $2 and r.used_at is null and r.expires_at > clock_timestamp()
       and s.tenant_id = $1 and s.id = r.session_id and s.revoked_at is null and s.expires_at > clock_timestamp()
     returning s.id, s.user_id, s.organization_id, s.workspace_id, s.expires_at),
   next as (
     insert into res_refresh_tokens (tenant_id, id, session_id, token_hash, expires_at)
     select $1, $3, id, $4, least(expires_at, clock_timestamp() + interval '12 hours') from used)
   select s.organization_id, s.workspace_id,
     u.id as user_id, u.email, u.name as user_name, u.status, u.default_organization_id, u.default_workspace_id,
     t.name as tenant_name, t.authz_epoch as tenant_epoch, u.authz_epoch as user_epoch
   from used s
   join res_users u on u.tenant_id = $1 and u.id = s.user_id
   join tenants t on t.id = $1`,
  { parse: { tenant_epoch: 'int', user_epoch: 'int' } },
);

/** `next`: the successor's row. */
export async function updateTokenRotated(
  db: Queryable,
  tenantId: string,
  tokenHash: string,
  next: { readonly id: string; readonly hash: string },
): Promise<RotatedRow | undefined> {
  return (await db.query(rotate, [tenantId, tokenHash, next.id, next.hash]))[0];
}

export interface UsedRow {
  readonly session_id: string;
  readonly user_id: string;
  readonly session_ended: boolean;
  readonly context: Context;
  readonly used: boolean;
  /** Used so lately that a second tab may have done it. */
  readonly just_used: boolean;
}

/** The token, then the session, in the order of the rotation; both as they are after a wait. */
const lockUsed = statement<UsedRow>(
  'auth_lock_used_refresh_token',
  `select s.id as session_id, s.user_id,
     s.revoked_at is not null or s.expires_at <= clock_timestamp() as session_ended,
     json_build_object('organizationId', s.organization_id, 'workspaceId', s.workspace_id) as context,
     r.used_at is not null as used,
     coalesce(r.used_at > clock_timestamp() - interval '10 seconds', false) as just_used
   from res_refresh_tokens r
   join res_sessions s on s.tenant_id = r.tenant_id and s.id = r.session_id
   where r.tenant_id = $1 and r.token_hash = $2
   for no key update of r, s`,
  { parse: { context: 'json', session_ended: 'bool', used: 'bool', just_used: 'bool' } },
);

export async function lockUsedToken(tx: Tx, tenantId: string, tokenHash: string): Promise<UsedRow | undefined> {
  return (await tx.query(lockUsed, [tenantId, tokenHash]))[0];
}

const findUnused = statement<{ id: string }>(
  'auth_find_unused_refresh_token',
  `select id from res_refresh_tokens
   where tenant_id = $1 and session_id = $2 and token_hash = $3 and used_at is null and expires_at > clock_timestamp()`,
);

export async function isUnusedRefreshToken(tx: Tx, tenantId: string, sessionId: string, tokenHash: string) {
  return (await tx.query(findUnused, [tenantId, sessionId, tokenHash])).length === 1;
}

const setContext = statement<never>(
  'auth_update_session_context',
  `update res_sessions set organization_id = $3, workspace_id = $4, updated_at = clock_timestamp()
   where tenant_id = $1 and id = $2`,
);

export async function updateSessionContext(
  db: Queryable,
  tenantId: string,
  sessionId: string,
  context: Context,
): Promise<void> {
  await db.query(setContext, [tenantId, sessionId, context.organizationId, context.workspaceId]);
}
