import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import type { ThrottleKeys } from './throttle-keys.js';

export interface Credentials {
  readonly id: string | null;
  readonly password_hash: string | null;
  readonly active: boolean | null;
  /** Encrypted; null: none, or none that was confirmed. */
  readonly totp_secret: string | null;
  /** Positive while the e-mail or the network is blocked. */
  readonly blocked_seconds: number | null;
  /** Positive while the tenant is, for networks that nobody of it is known to come from. */
  readonly tenant_blocked_seconds: number | null;
  /** Were failures counted against this e-mail? */
  readonly has_failures: boolean | null;
}

const secondsUntil = (instant: string) => `ceil(extract(epoch from ${instant} - clock_timestamp()))::int`;

/** Of the e-mail and the network whose parameters are given; of `auth_throttles`, by index. */
const ownBlockedSeconds = secondsUntil("max(blocked_until) filter (where subject_hash <> '' or ip_prefix <> '')");
const throttlesOf = (account: string, network: string) =>
  `auth_throttles where tenant_id = $1 and subject_hash = any(array[${account}, '']) and ip_prefix = any(array[${network}, ''])`;

/** Index look-ups and no more, one row whoever asks, so that an e-mail nobody has takes as long. */
const findByEmail = statement<Credentials>(
  'auth_find_credentials',
  `select u.id, u.password_hash, u.status = 'active' as active,
     case when u.totp_confirmed_at is not null then u.totp_secret end as totp_secret,
     a.blocked_seconds, a.tenant_blocked_seconds, a.has_failures
   from (select ${ownBlockedSeconds} as blocked_seconds,
       ${secondsUntil("max(blocked_until) filter (where subject_hash = '' and ip_prefix = '')")} as tenant_blocked_seconds,
       bool_or(subject_hash = $3) as has_failures
     from ${throttlesOf('$3', '$4')}) a
   left join res_users u on u.tenant_id = $1 and u.email = $2`,
  { parse: { active: 'bool', blocked_seconds: 'int', tenant_blocked_seconds: 'int', has_failures: 'bool' } },
);

export async function findCredentials(
  db: Queryable,
  tenantId: string,
  email: string,
  keys: ThrottleKeys,
): Promise<Credentials> {
  const [row] = await db.query(findByEmail, [tenantId, email, keys.account, keys.network]);
  if (row === undefined) throw new Error('an aggregate without a row');
  return row;
}

const findNetwork = statement<{ known: boolean }>(
  'auth_find_network',
  `select exists (select from res_sessions
     where tenant_id = $1 and ip <<= $2::inet and created_at > now() - interval '30 days') as known`,
  { parse: { known: 'bool' } },
);

/** Has somebody of the tenant signed in from there lately? It reads all of the tenant's sessions: for when it is flooded. */
export async function isKnownNetwork(db: Queryable, tenantId: string, network: string): Promise<boolean> {
  if (network === '') return false;
  return (await db.query(findNetwork, [tenantId, network]))[0]?.known ?? false;
}

/** `blocked_seconds`: positive while the e-mail or the network is blocked. */
type Unchanged = Pick<Credentials, 'blocked_seconds'>;
const unchanged = `select (select ${ownBlockedSeconds} from ${throttlesOf('$5', '$6')}) as blocked_seconds from res_users
   where tenant_id = $1 and id = $2 and status = 'active' and password_hash = $3
     and (case when totp_confirmed_at is not null then totp_secret end) is not distinct from $4`;
const parse = { blocked_seconds: 'int' } as const;
const lockShared = statement<Unchanged>('auth_lock_credentials', `${unchanged} for share`, { parse });
const lockToWrite = statement<Unchanged>('auth_lock_credentials_to_write', `${unchanged} for no key update`, { parse });

/**
 * Are the credentials still those that were checked? Then they stay so until the commit; undefined: they are not.
 * `toWrite`: where the row is written too; two who shared it would wait for each other.
 */
export async function lockCredentials(
  tx: Tx,
  tenantId: string,
  { id, password_hash, totp_secret }: Pick<Credentials, 'id' | 'password_hash' | 'totp_secret'>,
  { account, network }: ThrottleKeys,
  toWrite: boolean,
): Promise<Unchanged | undefined> {
  const values = [tenantId, id, password_hash, totp_secret, account, network];
  return (await tx.query(toWrite ? lockToWrite : lockShared, values))[0];
}
