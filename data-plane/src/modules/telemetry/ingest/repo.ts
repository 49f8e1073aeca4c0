import { firstTime } from '@platen/chassis/bus/inbox';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, ScopedDb, Tx } from '@platen/chassis/db/types';
import { hourMs } from '@platen/chassis/durations';
import { addUsage } from '../../usage-counters.js';

/** A reading as it is stored. */
export interface Row {
  readonly deviceNo: number;
  readonly metricNo: number;
  readonly tsMs: number;
  readonly value: number;
}

/** The key of a row, as `stored` tells it. */
export type StoredKey = readonly [deviceNo: number, metricNo: number, tsMs: number];

export interface Stored {
  readonly count: number;
  /** Which of them were new; null: all that were given. */
  readonly keys: readonly StoredKey[] | null;
}

// Arrays through the tenant's view, what is dirty beside them: nothing else gets readings in (decision 0050). A float of
// seconds is the cheapest to read, and its milliseconds are whole again when the column has rounded them.
const insert = statement<{ count: number; keys: StoredKey[] | null }>(
  'telemetry_ingest.insert',
  `with stored as (
     insert into tel_own_readings (tenant_id, device_no, metric_no, ts, value)
     select $1::uuid, device_no, metric_no, to_timestamp(seconds), value
     from unnest($2::int[], $3::int[], $4::float8[], $5::float8[]) given(device_no, metric_no, seconds, value)
     on conflict do nothing
     returning device_no, metric_no, ts
   ), dirty as (
     insert into tel_dirty_buckets (tenant_id, id, device_no, metric_no, first_ts, last_ts, arrived_at)
     select $1::uuid, id, device_no, metric_no, to_timestamp(first), to_timestamp(last), now()
     from unnest($6::uuid[], $7::int[], $8::int[], $9::float8[], $10::float8[]) given(id, device_no, metric_no, first, last)
     where exists (select from stored)
   )
   select (select count(*) from stored)::int as count,
     case when (select count(*) from stored) < $11::int
       then (select json_agg(json_build_array(device_no, metric_no, round(extract(epoch from ts) * 1000))) from stored) end as keys`,
  { parse: { count: 'int', keys: 'json' } },
);

/** In their order, which is that of their keys: two batches of the same keys never wait for each other in a circle. */
export async function insertRows(
  db: Queryable,
  tenantId: string,
  rows: readonly Row[],
  newId: () => string,
): Promise<Stored> {
  const [device, metric, seconds, value] = [
    list(rows, noOfDevice),
    list(rows, noOfMetric),
    list(rows, secondsOf),
    list(rows, ofValue),
  ];
  const dirty = dirtyOf(rows);
  const [result] = await db.query(insert, [
    tenantId,
    device,
    metric,
    seconds,
    value,
    list(dirty, newId),
    list(dirty, noOfDevice),
    list(dirty, noOfMetric),
    list(dirty, ({ firstMs }) => firstMs / 1000),
    list(dirty, ({ lastMs }) => lastMs / 1000),
    rows.length,
  ]);
  if (result === undefined) throw new Error('a statement that always answers did not');
  const { count, keys } = result;
  return { count, keys: count === rows.length ? null : (keys ?? []) };
}

const noOfDevice = ({ deviceNo }: Pick<Row, 'deviceNo'>): number => deviceNo;
const noOfMetric = ({ metricNo }: Pick<Row, 'metricNo'>): number => metricNo;
const secondsOf = ({ tsMs }: Row): number => tsMs / 1000;
const ofValue = ({ value }: Row): number => value;

/** As Postgres writes an array of what needs no quotes: cheaper than a value at a time. */
function list<T>(rows: readonly T[], of: (row: T) => number | string): string {
  let text = '{';
  for (let at = 0; at < rows.length; at += 1) text += at === 0 ? of(rows[at] as T) : `,${of(rows[at] as T)}`;
  return `${text}}`;
}

interface Dirty {
  readonly deviceNo: number;
  readonly metricNo: number;
  readonly hour: number;
  readonly firstMs: number;
  lastMs: number;
}

/** A span for each series and hour, of rows in order. */
function dirtyOf(rows: readonly Row[]): Dirty[] {
  const spans: Dirty[] = [];
  let open: Dirty | undefined;
  for (const { deviceNo, metricNo, tsMs } of rows) {
    const hour = Math.floor(tsMs / hourMs);
    if (open?.deviceNo === deviceNo && open.metricNo === metricNo && open.hour === hour) open.lastMs = tsMs;
    else {
      open = { deviceNo, metricNo, hour, firstMs: tsMs, lastMs: tsMs };
      spans.push(open);
    }
  }
  return spans;
}

const ensure = statement<never>('telemetry_ingest.partitions', 'select from tel_ensure_partitions($1::date[])');

/** For the days of these rows, in a transaction of its own. */
export async function ensurePartitions(db: ScopedDb, rows: readonly Row[]): Promise<void> {
  const days = new Set(rows.map(({ tsMs }) => new Date(tsMs).toISOString().slice(0, 10)));
  await db.leased.query(ensure, [[...days]]);
}

/** The effect of an event, once. null: it was there already. */
export async function insertRowsOnce(
  tx: Tx,
  { tenantId, eventId }: { readonly tenantId: string; readonly eventId: string },
  rows: readonly Row[],
  newId: () => string,
): Promise<Stored | null> {
  if (!(await firstTime(tx, { tenantId, consumer: 'telemetry.readings', eventId }))) return null;
  return rows.length === 0 ? { count: 0, keys: null } : insertRows(tx, tenantId, rows, newId);
}

const findPolicy = statement<{ raw_days: number }>(
  'telemetry_ingest.retention',
  'select raw_days from tel_retention_policies',
  { parse: { raw_days: 'int' } },
);

/** How long the organization of the scope keeps raw readings; null: it has not said. */
export const findRawDays = async (db: Queryable): Promise<number | null> =>
  (await db.query(findPolicy))[0]?.raw_days ?? null;

/** Readings of the day so far, these among them. */
export async function addUsedPoints(db: Queryable, tenantId: string, day: string, points: number): Promise<number> {
  // Without a limit: what may come in was decided when it came.
  const used = await addUsage(db, { tenantId, limitCode: 'points_per_day', period: day }, points, null);
  if (used === null) throw new Error('a statement that always answers did not');
  return used;
}

const touch = statement<never>(
  'telemetry_ingest.touch',
  `update tel_devices d set last_seen_at = to_timestamp(given.seconds), clock_skew_ms = given.skew
   from unnest($1::uuid[], $2::float8[], $3::int[]) given(id, seconds, skew)
   where d.id = given.id and (d.last_seen_at is null or d.last_seen_at < to_timestamp(given.seconds))`,
);

export interface Seen {
  readonly deviceId: string;
  readonly atMs: number;
  readonly skewMs: number;
}

/** What its devices' clocks say, in their own scope. In the order of ids, so that two who do it wait for each other in no circle. */
export async function touchDevices(db: ScopedDb, seen: readonly Seen[]): Promise<void> {
  const ordered = seen.toSorted((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
  await db.leased.query(touch, [
    ordered.map(({ deviceId }) => deviceId),
    ordered.map(({ atMs }) => atMs / 1000),
    ordered.map(({ skewMs }) => skewMs),
  ]);
}
