import type { KeyObject } from 'node:crypto';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, ScopedDb, Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { CallCtx } from '@platen/chassis/http/types';
import { networkOf, subjectOf, type ThrottledUse, type ThrottleKeys } from './throttle-keys.js';

/** From `free` failures on each further one blocks, twice as long as the one before. Forgotten after `forgetSeconds` of quiet. */
interface Policy {
  readonly free: number;
  readonly firstSeconds: number;
  readonly maxSeconds: number;
  readonly forgetSeconds: number;
}
export const throttlePolicies = {
  account: { free: 5, firstSeconds: 30, maxSeconds: 900, forgetSeconds: 3600 },
  /** Many people may sit behind one. */
  network: { free: 30, firstSeconds: 30, maxSeconds: 900, forgetSeconds: 3600 },
  /** Short: it keeps out everybody from networks that nobody of the tenant is known to come from. */
  tenant: { free: 500, firstSeconds: 5, maxSeconds: 60, forgetSeconds: 600 },
} as const satisfies Record<string, Policy>;

const policyRows = Object.entries(throttlePolicies)
  .map(([kind, p]) => `('${kind}', ${p.free}, ${p.firstSeconds}, ${p.maxSeconds}, ${p.forgetSeconds})`)
  .join(', ');

/** One statement for all counts of a failure, in one order everywhere, so that two failures cannot wait for each other. */
const recordFailure = statement<never>(
  'auth_record_failure',
  `insert into auth_throttles as a (tenant_id, subject_hash, ip_prefix, failures, last_failure_at)
   select $1, subject, network, 1, clock_timestamp()
   from unnest($2::text[], $3::text[]) with ordinality k (subject, network, n) order by n
   on conflict (tenant_id, subject_hash, ip_prefix) do update
   set (failures, last_failure_at, blocked_until, updated_at) = (
     select c.n, clock_timestamp(), case when c.n < p.free then a.blocked_until else clock_timestamp()
       + make_interval(secs => least(p.max_seconds, p.first_seconds * 2 ^ least(c.n - p.free, 20))) end, clock_timestamp()
     from (values ${policyRows}) p (kind, free, first_seconds, max_seconds, forget_seconds)
     cross join lateral (select case when a.last_failure_at < clock_timestamp() - make_interval(secs => p.forget_seconds)
       then 1 else a.failures + 1 end as n) c
     where p.kind = case when a.ip_prefix <> '' then 'network' when a.subject_hash <> '' then 'account' else 'tenant' end)`,
);

const findBlock = statement<{ blocked_seconds: number | null }>(
  'auth_find_block',
  `select ceil(extract(epoch from max(a.blocked_until) - clock_timestamp()))::int as blocked_seconds
   from unnest($2::text[], $3::text[]) k (subject, network)
   join auth_throttles a on a.tenant_id = $1 and a.subject_hash = k.subject and a.ip_prefix = k.network`,
  { parse: { blocked_seconds: 'int' } },
);

const lockSubject = statement<never>('auth_lock_subject', 'select pg_advisory_xact_lock(hashtextextended($1, 0))');

const clear = statement<never>(
  'auth_clear_throttle',
  `delete from auth_throttles where tenant_id = $1 and subject_hash = $2 and ip_prefix = ''`,
);

type Pair = readonly [subject: string, network: string];
const ownPairsOf = ({ account, network }: ThrottleKeys): Pair[] => [
  [account, ''],
  ...(network === '' ? [] : [['', network] as const]),
];
/** Failures of one sign-in count against its e-mail, its network and its tenant. */
const pairsOf = (keys: ThrottleKeys): Pair[] => [...ownPairsOf(keys), ['', '']];

export interface Throttles {
  keysOf(ctx: Pick<CallCtx, 'ip'>, email: string): ThrottleKeys;
  /** @throws AppError too_many_attempts */
  requireOpen(db: Queryable, tenantId: string, keys: ThrottleKeys): Promise<void>;
  /**
   * For somebody who is signed in: what strangers try at the tenant does not concern them.
   * @throws AppError too_many_attempts
   */
  requireOwnOpen(db: Queryable, tenantId: string, keys: ThrottleKeys): Promise<void>;
  /**
   * After a secret was checked, before anybody hears whether it was right: of many that were tried at once, those that come
   * behind the failure that blocks are refused like each that would begin now, and count.
   * @throws AppError too_many_attempts
   */
  requireStillOpen(db: Pick<ScopedDb, 'query' | 'transaction'>, tenantId: string, keys: ThrottleKeys): Promise<void>;
  /**
   * One after the other for each e-mail.
   * @throws AppError too_many_attempts where others have failed so often meanwhile that this must not tell that it did
   */
  recordFailure(db: Pick<ScopedDb, 'transaction'>, tenantId: string, keys: ThrottleKeys): Promise<void>;
  clearAccount(tx: Tx, tenantId: string, email: string): void;
  /**
   * Counts a mail that somebody asks for. Too many for one address of the caller are refused; too many to one mailbox
   * are not sent, and nobody is told: false.
   * @throws AppError too_many_attempts
   */
  countMail(tx: Tx, ctx: Pick<CallCtx, 'ip'>, tenantId: string, mailbox: string): Promise<boolean>;
  /**
   * For secrets too long to be guessed: what was tried is not counted, or strangers could lock out whose secret it is.
   * @throws AppError too_many_attempts
   */
  requireNetworkOpen(db: Queryable, ctx: Pick<CallCtx, 'ip'>, tenantId: string, use: ThrottledUse): Promise<void>;
  recordNetworkFailure(db: Queryable, ctx: Pick<CallCtx, 'ip'>, tenantId: string, use: ThrottledUse): Promise<void>;
}

export function createThrottles({ key }: { readonly key: KeyObject }): Throttles {
  const accountOf = (email: string) => subjectOf(key, 'sign-in', email);

  async function blockedSeconds(db: Queryable, tenantId: string, pairs: readonly Pair[]) {
    const [row] = await db.query(findBlock, [tenantId, pairs.map(([subject]) => subject), pairs.map(([, net]) => net)]);
    return row?.blocked_seconds ?? 0;
  }
  const record = (db: Queryable, tenantId: string, pairs: readonly Pair[]) =>
    db.query(recordFailure, [tenantId, pairs.map(([subject]) => subject), pairs.map(([, net]) => net)]);
  const count = (db: Pick<ScopedDb, 'transaction'>, tenantId: string, keys: ThrottleKeys): Promise<number> =>
    db.transaction(async (tx) => {
      const [, blocked] = await Promise.all([
        tx.query(lockSubject, [`${tenantId} ${keys.account}`]),
        blockedSeconds(tx, tenantId, ownPairsOf(keys)),
        record(tx, tenantId, pairsOf(keys)),
      ]);
      return blocked;
    });

  return {
    keysOf: (ctx, email) => ({ account: accountOf(email), network: networkOf(ctx.ip) }),
    async requireOpen(db, tenantId, keys) {
      refuseIfBlocked(await blockedSeconds(db, tenantId, pairsOf(keys)));
    },
    async requireOwnOpen(db, tenantId, keys) {
      refuseIfBlocked(await blockedSeconds(db, tenantId, ownPairsOf(keys)));
    },
    async requireStillOpen(db, tenantId, keys) {
      if ((await blockedSeconds(db, tenantId, ownPairsOf(keys))) > 0) refuseIfBlocked(await count(db, tenantId, keys));
    },
    async recordFailure(db, tenantId, keys) {
      refuseIfBlocked(await count(db, tenantId, keys));
    },
    clearAccount: (tx, tenantId, email) => tx.defer(clear, [tenantId, accountOf(email)]),
    async countMail(tx, ctx, tenantId, mailbox) {
      const to = [subjectOf(key, 'mail', mailbox), ''] as const;
      const from = [subjectOf(key, 'mail', ''), networkOf(ctx.ip)] as const;
      const [, fromBlocked, toBlocked] = await Promise.all([
        // Many at once are counted one after the other.
        tx.query(lockSubject, [`${tenantId} ${to[0]}`]),
        blockedSeconds(tx, tenantId, [from]),
        blockedSeconds(tx, tenantId, [to]),
      ]);
      refuseIfBlocked(fromBlocked);
      const maySend = toBlocked <= 0;
      // What is not sent does not count, or strangers who keep asking would keep the mailbox closed to its owner.
      await record(tx, tenantId, maySend ? [to, from] : [from]);
      return maySend;
    },
    async requireNetworkOpen(db, ctx, tenantId, use) {
      refuseIfBlocked(await blockedSeconds(db, tenantId, [[subjectOf(key, use, ''), networkOf(ctx.ip)]]));
    },
    async recordNetworkFailure(db, ctx, tenantId, use) {
      await record(db, tenantId, [[subjectOf(key, use, ''), networkOf(ctx.ip)]]);
    },
  };
}

/** @throws AppError too_many_attempts */
export function refuseIfBlocked(seconds: number | null): void {
  if (seconds !== null && seconds > 0)
    throw new AppError('too_many_attempts', undefined, { retryAfterSeconds: seconds });
}
