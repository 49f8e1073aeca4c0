import { statement } from '../db/statement.js';
import type { Queryable, Tx } from '../db/types.js';

/** What is to happen at a time. With its kind, `refId` names one entry of the tenant. */
export interface DueEntry {
  readonly tenantId: string;
  readonly id: string;
  readonly organizationId: string | null;
  readonly workspaceId: string | null;
  readonly kind: string;
  readonly refId: string;
}

/** By the database's clock: those of our processes may differ. */
export type DueTime = { readonly inSeconds: number } | { readonly at: Date | string };

const columns = 'tenant_id, id, organization_id, workspace_id, kind, ref_id, due_at';
const values = `$1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6::uuid,
     coalesce($7::timestamptz, clock_timestamp() + make_interval(secs => $8::float8))`;
const anew = 'due_at = excluded.due_at, lease_until = null, attempts = 0, updated_at = now()';

const put = statement<never>(
  'due-work.put',
  `insert into due_work (${columns}) values (${values})
   on conflict (tenant_id, kind, ref_id) do update set ${anew}`,
);
const replace = statement<never>(
  'due-work.replace',
  `insert into due_work (${columns}) values (${values})
   on conflict (tenant_id, id) do update set kind = excluded.kind, ${anew}`,
);

const valuesOf = (entry: DueEntry, due: DueTime) => [
  entry.tenantId,
  entry.id,
  entry.organizationId,
  entry.workspaceId,
  entry.kind,
  entry.refId,
  'at' in due ? due.at : null,
  'at' in due ? 0 : due.inSeconds,
];

/** Puts an entry, or moves the one of this kind and reference: whoever is at that now finds it changed, and leaves it. */
export function putDueWork(tx: Pick<Tx, 'defer'>, entry: DueEntry, due: DueTime): void {
  tx.defer(put, valuesOf(entry, due));
}

/** As `putDueWork`, for what changes its kind and keeps its id. */
export function replaceDueWork(tx: Pick<Tx, 'defer'>, entry: DueEntry, due: DueTime): void {
  tx.defer(replace, valuesOf(entry, due));
}

const drop = statement<never>(
  'due-work.drop',
  'delete from due_work where tenant_id = $1::uuid and kind = $2 and ref_id = $3::uuid',
);

export function dropDueWork(tx: Pick<Tx, 'defer'>, entry: Pick<DueEntry, 'tenantId' | 'kind' | 'refId'>): void {
  tx.defer(drop, [entry.tenantId, entry.kind, entry.refId]);
}

/** An entry in the hands of whoever claimed it. */
export interface DueWork {
  readonly tenant_id: string;
  readonly id: string;
  readonly organization_id: string | null;
  readonly workspace_id: string | null;
  readonly kind: string;
  readonly ref_id: string;
  /** From 1. */
  readonly attempts: number;
  /** Until then nobody else takes it; with `attempts` it says that it is still the same claim. */
  readonly lease_until: string;
}

const claim = statement<DueWork>(
  'due-work.claim',
  `update due_work d set attempts = d.attempts + 1, updated_at = now(),
     lease_until = clock_timestamp() + make_interval(secs => $2::float8)
   from (select tenant_id, id from due_work
     where kind = any($1::text[]) and due_at <= clock_timestamp()
       and (lease_until is null or lease_until <= clock_timestamp())
     order by due_at limit 1 for update skip locked) next
   where d.tenant_id = next.tenant_id and d.id = next.id
   returning d.tenant_id, d.id, d.organization_id, d.workspace_id, d.kind, d.ref_id, d.attempts, d.lease_until`,
  { parse: { attempts: 'int' } },
);

/** Takes the oldest of these kinds that is due and that nobody is at. */
export const claimDueWork = async (
  db: Queryable,
  kinds: readonly string[],
  leaseSeconds: number,
): Promise<DueWork | undefined> => (await db.query(claim, [kinds, leaseSeconds]))[0];

// Two looks by the index: at what is to come, and at the few that are due and taken.
const next = statement<{ wait_ms: number | null }>(
  'due-work.next',
  `select ceil(1000 * extract(epoch from least(
     (select due_at from due_work where kind = any($1::text[]) and due_at > clock_timestamp() order by due_at limit 1),
     (select min(greatest(due_at, coalesce(lease_until, due_at))) from due_work
      where kind = any($1::text[]) and due_at <= clock_timestamp())
   ) - clock_timestamp()))::float8 as wait_ms`,
  { parse: { wait_ms: (text) => Number(text) } },
);

/** How long until there is something to claim; null: nothing is known to come. */
export const nextDueInMs = async (db: Queryable, kinds: readonly string[]): Promise<number | null> =>
  (await db.query(next, [kinds]))[0]?.wait_ms ?? null;

/** Somebody else put, dropped or claimed the entry meanwhile: what was done for this claim must not be. */
export class DueWorkLost extends Error {
  override readonly name = 'DueWorkLost';
  constructor() {
    super('the entry is in other hands');
  }
}

const finish = statement<{ id: string }>(
  'due-work.finish',
  `delete from due_work where tenant_id = $1::uuid and id = $2::uuid and attempts = $3::int and lease_until = $4::timestamptz
   returning id`,
);

/** In the transaction of the work, before it. @throws DueWorkLost */
export async function finishDueWork(tx: Queryable, work: DueWork): Promise<void> {
  const done = await tx.query(finish, [work.tenant_id, work.id, work.attempts, work.lease_until]);
  if (done.length === 0) throw new DueWorkLost();
}

const postpone = statement<{ id: string }>(
  'due-work.postpone',
  `update due_work set due_at = clock_timestamp() + make_interval(secs => $5::float8), lease_until = null, updated_at = now()
   where tenant_id = $1::uuid and id = $2::uuid and attempts = $3::int and lease_until = $4::timestamptz returning id`,
);

/** It keeps how often it was tried. @throws DueWorkLost */
export async function postponeDueWork(db: Queryable, work: DueWork, seconds: number): Promise<void> {
  const moved = await db.query(postpone, [work.tenant_id, work.id, work.attempts, work.lease_until, seconds]);
  if (moved.length === 0) throw new DueWorkLost();
}
