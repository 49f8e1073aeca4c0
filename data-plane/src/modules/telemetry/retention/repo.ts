import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, ScopedDb } from '@platen/chassis/db/types';
import { Retention } from '@platen/schema/contracts/data/telemetry-retention';
import { defaultRetention } from '@platen/schema/tables/telemetry/retention';
import { type ChangeRow, type JsonRow, parseChangeRow, parseJsonRow } from '../../../stored-json.js';

/** Where nobody has said how long: so that the first to say it can name what was seen. */
const unsaidVersion = 1;

const version = `coalesce(t.version, ${unsaidVersion})`;
const item = jsonSelect(Retention, {
  raw_days: `coalesce(t.raw_days, ${defaultRetention.rawDays})`,
  rollup_days: `coalesce(t.rollup_days, ${defaultRetention.rollupDays})`,
  version,
  updated_at: 't.updated_at',
});

const find = statement<JsonRow>(
  'telemetry_retention.find',
  `select ${item} as json, ${version} as version from (values (1)) always left join tel_retention_policies t on true`,
  { parse: parseJsonRow },
);

export const findRetention = async (db: Queryable): Promise<JsonRow | undefined> => (await db.query(find))[0];

const upsert = statement<ChangeRow>(
  'telemetry_retention.upsert',
  `with found as (select ${version} as version from (values (1)) always left join tel_retention_policies t on true),
   changed as (
     insert into tel_retention_policies as t (tenant_id, organization_id, id, raw_days, rollup_days, version)
     select $1::uuid, $2::uuid, $3::uuid, $4::int, $5::int, found.version + 1
     from found where $6::int is null or found.version = $6::int
     on conflict (tenant_id, organization_id) do update
     set raw_days = excluded.raw_days, rollup_days = excluded.rollup_days, version = t.version + 1, updated_at = now()
     where $6::int is null or t.version = $6::int
     returning ${item} as json, t.version
   )
   select found.version as version_before, changed.json, changed.version from found left join changed on true`,
  { parse: parseChangeRow },
);

export interface Policy {
  readonly raw_days: number;
  readonly rollup_days: number;
}

export const upsertRetention = async (
  db: Queryable,
  owner: { readonly tenantId: string; readonly organizationId: string; readonly id: string },
  policy: Policy,
  ifMatch: number | null,
): Promise<ChangeRow | undefined> =>
  (
    await db.query(upsert, [
      ...[owner.tenantId, owner.organizationId, owner.id, policy.raw_days, policy.rollup_days],
      ifMatch,
    ])
  )[0];

const findDays = statement<Policy>(
  'telemetry_retention.days',
  `select coalesce(min(raw_days), ${defaultRetention.rawDays}) as raw_days,
     coalesce(min(rollup_days), ${defaultRetention.rollupDays}) as rollup_days from tel_retention_policies`,
  { parse: { raw_days: 'int', rollup_days: 'int' } },
);

/** Of the organization of the scope. */
export async function findPolicy(db: ScopedDb): Promise<Policy> {
  const [row] = await db.leased.query(findDays);
  if (row === undefined) throw new Error('a statement that always answers did not');
  return row;
}

export interface Series {
  readonly device_no: number;
  readonly metric_no: number;
}

// Devices under the policies: those of this organization alone. All that was ever rolled up of them is in the latest values.
const selectSeries = statement<Series>(
  'telemetry_retention.series',
  `select device_no, metric_no from tel_own_latest where device_no = any(array(select device_no from tel_devices))`,
  { parse: { device_no: 'int', metric_no: 'int' } },
);

export const listSeries = (db: ScopedDb): Promise<Series[]> => db.leased.query(selectSeries);

/** What is kept by time, how long by which of the two, and how much of a series goes in one statement. */
export const kept = [
  { table: 'tel_own_readings', column: 'ts', days: 'raw_days', step: '1 day' },
  { table: 'tel_own_readings_1m', column: 'bucket', days: 'rollup_days', step: '30 days' },
  { table: 'tel_own_readings_1h', column: 'bucket', days: 'rollup_days', step: '1000 days' },
  { table: 'tel_own_readings_1d', column: 'bucket', days: 'rollup_days', step: '10000 days' },
] as const;

/**
 * Of each of these series what is oldest of what is too old, no more than `step` of it. A day of a series that is measured
 * each second is some 86,000 rows. One at a time, so that each finds its beginning in the index.
 */
const deletions = new Map(
  kept.map(({ table, column, step }) => [
    table,
    statement<{ count: number }>(
      `telemetry_retention.delete_${table}`,
      `with first as materialized (
         select ${column} as since from ${table}
         where device_no = $1::int and metric_no = $2::int and ${column} < $3::timestamptz order by ${column} limit 1),
       gone as (
         delete from ${table} where device_no = $1::int and metric_no = $2::int and ${column} < $3::timestamptz
           and ${column} >= (select since from first) and ${column} < (select since + interval '${step}' from first)
         returning 1)
       select count(*)::int as count from gone`,
      { parse: { count: 'int' } },
    ),
  ]),
);

/** How many rows went: none when nothing of it is that old. */
export async function deleteOldest(
  db: ScopedDb,
  table: (typeof kept)[number]['table'],
  { device_no, metric_no }: Series,
  before: Date,
): Promise<number> {
  const deletion = deletions.get(table);
  if (deletion === undefined) throw new Error(`nothing is deleted from ${table}`);
  const [row] = await db.leased.query(deletion, [device_no, metric_no, before]);
  return row?.count ?? 0;
}
