import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';

export type TenantWorkKind = 'tenant.provision' | 'tenant.purge';

/** Every time by the database's clock: the control planes' own may differ. */
export interface DueWork {
  readonly tenant_id: string;
  readonly id: string;
  readonly kind: TenantWorkKind;
  readonly attempts: number;
}

/** Longer than either takes, its calls' deadlines included; whoever dies meanwhile is followed after it. */
const leaseSeconds = { 'tenant.provision': 60, 'tenant.purge': 900 } as const satisfies Record<TenantWorkKind, number>;

const put = statement<never>(
  'tenant_work_put',
  `insert into due_work (tenant_id, id, kind, ref_id, due_at) values ($1, $2, $3, $1, coalesce($4::timestamptz, now()))
   on conflict (tenant_id, kind, ref_id) do update
   set due_at = excluded.due_at, lease_until = null, attempts = 0, updated_at = now()`,
);

/** `dueAt` null: now. */
export function upsertWork(tx: Tx, tenantId: string, id: string, kind: TenantWorkKind, dueAt: string | null): void {
  tx.defer(put, [tenantId, id, kind, dueAt]);
}

const drop = statement<never>('tenant_work_drop', 'delete from due_work where tenant_id = $1 and kind = $2');

export function deleteWork(tx: Tx, tenantId: string, kind: TenantWorkKind): void {
  tx.defer(drop, [tenantId, kind]);
}

const claim = statement<DueWork>(
  'tenant_work_claim',
  `update due_work d set attempts = d.attempts + 1, updated_at = now(), lease_until = clock_timestamp() + make_interval(secs => $2::float8)
   from (select tenant_id, id from due_work
     where kind = $1 and due_at <= clock_timestamp()
       and (lease_until is null or lease_until <= clock_timestamp())
     order by due_at limit 1 for update skip locked) next
   where d.tenant_id = next.tenant_id and d.id = next.id
   returning d.tenant_id, d.id, d.kind, d.attempts`,
  { parse: { attempts: 'int' } },
);

/** Takes the oldest of the kind that is due and that nobody is at. */
export const claimWork = async (db: Queryable, kind: TenantWorkKind): Promise<DueWork | undefined> =>
  (await db.query(claim, [kind, leaseSeconds[kind]]))[0];

const postpone = statement<never>(
  'tenant_work_postpone',
  `update due_work set due_at = clock_timestamp() + make_interval(secs => $3::float8), lease_until = null, updated_at = now()
   where tenant_id = $1 and id = $2 and attempts = $4`,
);

/** Tries again later; says nothing about work that somebody else has taken up meanwhile. */
export async function postponeWork(db: Queryable, work: DueWork, seconds: number): Promise<void> {
  await db.query(postpone, [work.tenant_id, work.id, seconds, work.attempts]);
}
