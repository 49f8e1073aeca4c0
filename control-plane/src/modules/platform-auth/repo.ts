import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import type { PlatformRole } from '@platen/schema/contract';
import type { AdminIdentity } from './issue-session.js';

const findOpen = statement<{ id: string }>(
  'platform_auth_find_open_session',
  `select s.id from platform_admin_sessions s join platform_admins a on a.id = s.admin_id
   where s.id = $1 and s.admin_id = $2 and s.revoked_at is null and s.expires_at > clock_timestamp()
     and a.status = 'active' and a.role = $3`,
);

/** The role too: a token of a role that its holder no longer has opens nothing. */
export async function isSessionOpen(
  db: Queryable,
  session: { readonly adminId: string; readonly sessionId: string; readonly role: PlatformRole },
): Promise<boolean> {
  return (await db.query(findOpen, [session.sessionId, session.adminId, session.role])).length === 1;
}

export interface Credentials extends AdminIdentity {
  readonly password_hash: string;
  readonly active: boolean;
  /** Encrypted; null: no authenticator has been begun. */
  readonly totp_secret: string | null;
  readonly totp_confirmed: boolean;
}

const credentialColumns = `a.id, a.email, a.name, a.role, a.password_hash, a.status = 'active' as active, a.totp_secret,
  a.totp_confirmed_at is not null as totp_confirmed`;
const parse = { active: 'bool', totp_confirmed: 'bool' } as const;

/** An index look-up and no more, so that an e-mail nobody has takes as long. */
const findByEmail = statement<Credentials>(
  'platform_auth_find_by_email',
  `select ${credentialColumns} from platform_admins a where a.email = $1`,
  { parse },
);

export async function findCredentials(db: Queryable, email: string): Promise<Credentials | undefined> {
  return (await db.query(findByEmail, [email]))[0];
}

const findOwn = statement<Credentials>(
  'platform_auth_find_credentials',
  `select ${credentialColumns} from platform_admins a where a.id = $1`,
  { parse },
);

export async function findCredentialsOf(db: Queryable, adminId: string): Promise<Credentials | undefined> {
  return (await db.query(findOwn, [adminId]))[0];
}

const lockAdmin = statement<Credentials>(
  'platform_auth_lock_admin',
  `select ${credentialColumns} from platform_admins a where a.id = $1 for no key update`,
  { parse },
);

/** Two sign-ins, and a sign-in and what an owner does to the account, come one after the other. */
export async function lockCredentials(tx: Tx, adminId: string): Promise<Credentials | undefined> {
  return (await tx.query(lockAdmin, [adminId]))[0];
}

const findById = statement<AdminIdentity>(
  'platform_auth_find_admin',
  'select id, email, name, role from platform_admins where id = $1',
);

export async function findAdmin(db: Queryable, adminId: string): Promise<AdminIdentity | undefined> {
  const [row] = await db.query(findById, [adminId]);
  return row;
}

const findNetwork = statement<{ known: boolean }>(
  'platform_auth_find_network',
  `select exists (select from platform_admin_sessions
     where ip <<= $1::inet and created_at > now() - interval '30 days') as known`,
  { parse: { known: 'bool' } },
);

/** Has an administrator signed in from there lately? They are few, and so are their sessions. */
export async function isKnownNetwork(db: Queryable, network: string): Promise<boolean> {
  if (network === '') return false;
  return (await db.query(findNetwork, [network]))[0]?.known ?? false;
}

export interface RefreshRow {
  readonly token_id: string;
  readonly session_id: string;
  readonly admin: AdminIdentity;
  readonly ended: boolean;
  readonly expired: boolean;
  readonly used: boolean;
  /** Used so lately that a second tab may have done it. */
  readonly just_used: boolean;
}

/** Locks the session, then the token, as a tenant's are. */
const lockToken = statement<RefreshRow>(
  'platform_auth_lock_refresh_token',
  `select r.id as token_id, s.id as session_id,
     json_build_object('id', a.id, 'email', a.email, 'name', a.name, 'role', a.role) as admin,
     s.revoked_at is not null or s.expires_at <= clock_timestamp() or a.status <> 'active' as ended,
     r.expires_at <= clock_timestamp() as expired, r.used_at is not null as used,
     coalesce(r.used_at > clock_timestamp() - interval '10 seconds', false) as just_used
   from platform_admin_refresh_tokens r
   join platform_admin_sessions s on s.id = r.session_id
   join platform_admins a on a.id = s.admin_id
   where r.token_hash = $1
   for no key update of s, r`,
  { parse: { admin: 'json', ended: 'bool', expired: 'bool', used: 'bool', just_used: 'bool' } },
);

export async function lockRefreshToken(tx: Tx, tokenHash: string): Promise<RefreshRow | undefined> {
  const [row] = await tx.query(lockToken, [tokenHash]);
  return row;
}

const findUnused = statement<{ id: string }>(
  'platform_auth_find_unused_refresh_token',
  `select id from platform_admin_refresh_tokens
   where session_id = $1 and token_hash = $2 and used_at is null and expires_at > clock_timestamp()`,
);

export async function isUnusedRefreshToken(tx: Tx, sessionId: string, tokenHash: string): Promise<boolean> {
  return (await tx.query(findUnused, [sessionId, tokenHash])).length === 1;
}

const insertNewSession = statement<never>(
  'platform_auth_insert_session',
  `insert into platform_admin_sessions (id, admin_id, ip, user_agent, last_seen_at, expires_at)
   values ($1, $2, $3, $4, clock_timestamp(), clock_timestamp() + interval '30 days')`,
);

export interface NewSession {
  readonly id: string;
  readonly adminId: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

export function insertSession(tx: Tx, session: NewSession): void {
  tx.defer(insertNewSession, [session.id, session.adminId, session.ip, session.userAgent]);
}

/** No later than the session: 30 days in all, 12 hours without a sign of life. */
const insertToken = statement<never>(
  'platform_auth_insert_refresh_token',
  `insert into platform_admin_refresh_tokens (id, session_id, token_hash, expires_at)
   select $1, id, $3, least(expires_at, clock_timestamp() + interval '12 hours')
   from platform_admin_sessions where id = $2`,
);

export function insertRefreshToken(tx: Tx, token: { id: string; sessionId: string; hash: string }): void {
  tx.defer(insertToken, [token.id, token.sessionId, token.hash]);
}

const useToken = statement<never>(
  'platform_auth_use_refresh_token',
  `update platform_admin_refresh_tokens set used_at = clock_timestamp(), updated_at = clock_timestamp() where id = $1`,
);
const touchSession = statement<never>(
  'platform_auth_touch_session',
  `update platform_admin_sessions set last_seen_at = clock_timestamp(), updated_at = clock_timestamp() where id = $1`,
);

export function updateRefreshTokenUsed(tx: Tx, tokenId: string): void {
  tx.defer(useToken, [tokenId]);
}

export function updateSessionSeen(tx: Tx, sessionId: string): void {
  tx.defer(touchSession, [sessionId]);
}

const revoke = statement<{ id: string; admin_id: string }>(
  'platform_auth_revoke_session',
  `update platform_admin_sessions set revoked_at = clock_timestamp(), revoke_reason = $2, updated_at = clock_timestamp()
   where id = $1 and revoked_at is null returning id, admin_id`,
);

/** Whose it was, if it was still open. */
export async function updateSessionRevoked(
  tx: Tx,
  sessionId: string,
  reason: 'logout' | 'token_reuse',
): Promise<string | undefined> {
  const [row] = await tx.query(revoke, [sessionId, reason]);
  return row?.admin_id;
}

const revokeAll = statement<never>(
  'platform_auth_revoke_sessions',
  `update platform_admin_sessions set revoked_at = clock_timestamp(), revoke_reason = $2, updated_at = clock_timestamp()
   where admin_id = $1 and revoked_at is null and id is distinct from $3::uuid`,
);

/** Every session of an administrator, but for one that may go on. */
export function updateSessionsRevoked(
  tx: Tx,
  adminId: string,
  reason: 'disabled' | 'role_changed' | 'password_changed',
  exceptSessionId: string | null = null,
): void {
  tx.defer(revokeAll, [adminId, reason, exceptSessionId]);
}

const findSession = statement<{ session_id: string }>(
  'platform_auth_find_session_of_token',
  'select session_id from platform_admin_refresh_tokens where token_hash = $1',
);

export async function findSessionOfToken(db: Queryable, tokenHash: string): Promise<string | undefined> {
  const [row] = await db.query(findSession, [tokenHash]);
  return row?.session_id;
}

const updateHash = statement<never>(
  'platform_auth_update_password_hash',
  'update platform_admins set password_hash = $2, updated_at = now() where id = $1',
);

export function updatePasswordHash(tx: Tx, adminId: string, hash: string): void {
  tx.defer(updateHash, [adminId, hash]);
}
