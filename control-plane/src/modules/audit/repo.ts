import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { AuditEvent, auditEvents } from '@platen/schema/contracts/control/audit-events';
import { auditEvents as platformAuditEvents } from '@platen/schema/contracts/platform/audit-events';

const item = jsonSelect(AuditEvent, {
  id: 't.id',
  tenant_id: 't.tenant_id',
  seq: 't.seq',
  actor_type: 't.actor_type',
  actor_id: 't.actor_id',
  action: 't.action',
  target: 't.target',
  before: jsonExpression(`coalesce(t.before::text, 'null')`),
  after: jsonExpression(`coalesce(t.after::text, 'null')`),
  ip: 'host(t.ip)',
  correlation_id: 't.correlation_id',
  prev_hash: 't.prev_hash',
  hash: 't.hash',
  created_at: 't.created_at',
});

/** From $3 on: actor, action, target, from (included), to (not). */
const filtered = `($3::text is null or t.actor_id = $3) and ($4::text is null or t.action = $4)
  and ($5::text is null or t.target = $5)
  and ($6::timestamptz is null or t.created_at >= $6) and ($7::timestamptz is null or t.created_at < $7)`;
/** $8: the tenant. */
const ofTenant = `select t.* from audit_events t where t.tenant_id = $8::uuid and t.seq < $2::bigint and ${filtered} order by t.seq desc`;
const bySeq = { item, key: 't.seq::text', start: '9223372036854775807' } as const;

export const tenantPage = definePage({
  ...bySeq,
  contract: auditEvents.list,
  rows: ofTenant,
});

export const platformPages = {
  /** In the order of their ids, which is that of time. */
  all: definePage({
    contract: platformAuditEvents.list,
    item,
    key: 't.id::text',
    start: lastId,
    rows: `select t.* from audit_events t where t.id < $2::uuid and ${filtered} order by t.id desc`,
  }),
  own: definePage({
    ...bySeq,
    contract: platformAuditEvents.list,
    variant: 'own',
    rows: `select t.* from audit_events t where t.tenant_id is null and t.seq < $2::bigint and ${filtered} order by t.seq desc`,
  }),
  tenant: definePage({
    ...bySeq,
    contract: platformAuditEvents.list,
    variant: 'tenant',
    rows: ofTenant,
  }),
};

export interface ChainEnds {
  /** null: the chain has no head. */
  readonly head: { readonly seq: number; readonly hash: string } | null;
  /** 0: it has no event. */
  readonly maxSeq: number;
}

// Of two kinds each: an index knows `= $1` and `is null`, but not `is not distinct from`.
const chainOf = { tenant: 'tenant_id = $1::uuid', own: 'tenant_id is null and $1::uuid is null' } as const;
type Kind = keyof typeof chainOf;
const kinds = ['tenant', 'own'] as const;
const kindOf = (tenantId: string | null): Kind => (tenantId === null ? 'own' : 'tenant');
const forEachKind = <T>(make: (kind: Kind) => T): Readonly<Record<Kind, T>> => ({
  tenant: make(kinds[0]),
  own: make(kinds[1]),
});

const ends = forEachKind((kind) =>
  statement<{ event_count: number | null; last_hash: string | null; max_seq: number }>(
    `audit_ends_${kind}`,
    `select h.event_count, h.last_hash, coalesce((select max(seq) from audit_events where ${chainOf[kind]}), 0) as max_seq
     from (select 1) one left join audit_heads h on h.${chainOf[kind]}`,
    { parse: { event_count: 'int', max_seq: 'int' } },
  ),
);

/** Both of one moment: what is appended meanwhile is past both. */
export async function findChainEnds(db: Queryable, tenantId: string | null): Promise<ChainEnds> {
  const [row] = await db.query(ends[kindOf(tenantId)], [tenantId]);
  const head =
    row?.event_count == null || row.last_hash === null ? null : { seq: row.event_count, hash: row.last_hash };
  return { head, maxSeq: row?.max_seq ?? 0 };
}

const batches = forEachKind((kind) =>
  statement<{ seq: number; line: string }>(
    `audit_batch_${kind}`,
    `select t.seq, ${item} as line from audit_events t
     where t.${chainOf[kind]} and t.seq > $2::bigint and t.seq <= $3::bigint order by t.seq limit $4::int`,
    { parse: { seq: 'int' } },
  ),
);

/** Large documents at a time, small ones by the hundreds: memory is bounded by this many. */
const batchSize = 200;

/**
 * The events of a chain as lines of JSON, in order. Read in batches by position and not through a cursor of the database:
 * nothing of a chain changes behind a reader, and a slow one must hold no connection and no transaction open.
 */
export async function* readLines(
  db: Queryable,
  tenantId: string | null,
  afterSeq: number,
  untilSeq: number,
): AsyncGenerator<string> {
  for (let after = afterSeq; ; ) {
    const rows = await db.query(batches[kindOf(tenantId)], [tenantId, after, untilSeq, batchSize]);
    for (const { line } of rows) yield line;
    const last = rows.at(-1);
    if (last === undefined || rows.length < batchSize) return;
    after = last.seq;
  }
}

const hashAt = forEachKind((kind) =>
  statement<{ hash: string }>(
    `audit_hash_at_${kind}`,
    `select hash from audit_events where ${chainOf[kind]} and seq = $2::bigint`,
  ),
);

/** Undefined where there is no such event. Before the first one: empty. */
export async function findHash(db: Queryable, tenantId: string | null, seq: number): Promise<string | undefined> {
  if (seq === 0) return '';
  const [row] = await db.query(hashAt[kindOf(tenantId)], [tenantId, seq]);
  return row?.hash;
}

const chains = statement<{ tenant_id: string | null; slug: string | null }>(
  'audit_list_chains',
  `select c.tenant_id, t.slug from (
     select tenant_id from audit_heads union select tenant_id from audit_events) c
   left join tenants t on t.id = c.tenant_id order by t.slug nulls first, c.tenant_id`,
);

/** Every chain that has a head or an event. `slug` null: the platform's own, or of a tenant that is gone. */
export const listChains = (db: Queryable) => db.query(chains);

const tenantBySlug = statement<{ id: string }>('audit_find_tenant', 'select id from tenants where slug = $1');

export const findTenantId = async (db: Queryable, slug: string): Promise<string | undefined> =>
  (await db.query(tenantBySlug, [slug]))[0]?.id;

const grown = statement<{ tenant_id: string | null; event_count: number; last_hash: string; updated_at: Date }>(
  'audit_list_grown_heads',
  `select tenant_id, event_count, last_hash, updated_at from audit_heads
   where updated_at > $1 order by updated_at limit $2::int`,
  { parse: { event_count: 'int', updated_at: 'date' } },
);

export const listGrownHeads = (db: Queryable, since: Date, limit: number) => db.query(grown, [since, limit]);
