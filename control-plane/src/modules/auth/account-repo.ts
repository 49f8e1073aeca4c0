import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';

/** A person as far as proving and changing their credentials goes. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly active: boolean;
  readonly password_hash: string | null;
  /** Encrypted. */
  readonly totp_secret: string | null;
  readonly totp_confirmed: boolean;
  readonly tenant_name: string;
}
const columns = `u.id, u.email, u.name, u.status = 'active' as active, u.password_hash, u.totp_secret,
  u.totp_confirmed_at is not null as totp_confirmed, t.name as tenant_name`;
const parse = { active: 'bool', totp_confirmed: 'bool' } as const;
const from = 'from res_users u join tenants t on t.id = u.tenant_id where u.tenant_id = $1';

const findById = statement<Account>('auth_find_account', `select ${columns} ${from} and u.id = $2`, { parse });
const lockById = statement<Account>(
  'auth_lock_account',
  `select ${columns} ${from} and u.id = $2 for no key update of u`,
  { parse },
);
const lockByEmail = statement<Account>(
  'auth_lock_account_by_email',
  `select ${columns} ${from} and u.email = $2 and u.status = 'active' for no key update of u`,
  { parse },
);

export async function findAccount(db: Queryable, tenantId: string, userId: string): Promise<Account | undefined> {
  return (await db.query(findById, [tenantId, userId]))[0];
}

/** Every change of somebody's credentials begins here, so that they come one after the other. */
export async function lockAccount(tx: Tx, tenantId: string, userId: string): Promise<Account | undefined> {
  return (await tx.query(lockById, [tenantId, userId]))[0];
}

export async function lockAccountByEmail(tx: Tx, tenantId: string, email: string): Promise<Account | undefined> {
  return (await tx.query(lockByEmail, [tenantId, email]))[0];
}

const setPassword = statement<never>(
  'auth_set_password',
  `update res_users set password_hash = $3, updated_at = now() where tenant_id = $1 and id = $2`,
);

export function updatePassword(tx: Tx, tenantId: string, userId: string, hash: string): void {
  tx.defer(setPassword, [tenantId, userId, hash]);
}

const setEmail = statement<{ email: string }>(
  'auth_set_email',
  `update res_users set email = $3, updated_at = now() where tenant_id = $1 and id = $2 returning email`,
);

/** Rejects with a violation of `res_users_email_key` when somebody has it. */
export async function updateEmail(tx: Tx, tenantId: string, userId: string, email: string): Promise<void> {
  await tx.query(setEmail, [tenantId, userId, email]);
}

/** Ended sessions, locked in one order so that two who end them cannot wait for each other. */
const endSessions = statement<{ id: string; has_tokens: boolean }>(
  'auth_end_sessions',
  `update res_sessions s set revoked_at = clock_timestamp(), revoke_reason = $4, updated_at = clock_timestamp()
   from (select id, updated_at from res_sessions
     where tenant_id = $1 and user_id = $2 and id is distinct from $3 and revoked_at is null
       and expires_at > clock_timestamp()
     order by id for no key update) old
   where s.tenant_id = $1 and s.id = old.id
   returning s.id, old.updated_at > clock_timestamp() - interval '20 minutes' as has_tokens`,
  { parse: { has_tokens: 'bool' } },
);

export type EndReason = 'password_change' | 'password_reset' | 'user_disabled' | 'ended_by_admin';

/**
 * Ends a person's sessions but `exceptId`. Answers those that may still have a token in time, which data planes must be
 * told of: a token lives for 15 minutes, and its session was touched when it was issued.
 */
export async function updateSessionsEnded(
  tx: Tx,
  tenantId: string,
  userId: string,
  exceptId: string | null,
  reason: EndReason,
): Promise<string[]> {
  const rows = await tx.query(endSessions, [tenantId, userId, exceptId, reason]);
  return rows.filter((row) => row.has_tokens).map((row) => row.id);
}
