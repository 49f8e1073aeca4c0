import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';

/** A series as it was last measured; times in milliseconds. */
export type LatestReading = readonly [
  deviceNo: number,
  metricNo: number,
  atMs: number,
  value: number,
  arrivedMs: number,
];

export interface LatestPage {
  readonly readings: readonly LatestReading[];
  /** Of the tenant: what has a greater number is not among these. */
  readonly last: bigint;
}

const bigint = (text: string): bigint => BigInt(text);
const ms = (column: string): string => `(date_part('epoch', ${column}) * 1000)::bigint`;
const json = `concat('[', string_agg(concat('[', device_no, ',', metric_no, ',', ${ms('ts')}, ',', value, ',', ${ms('arrived_at')}, ']'),
  ','), ']')`;
/** Rolls are committed one after the other for a tenant: whatever is up to the last one is there. */
const last = `coalesce((select n.last_no from tel_numbers n where n.kind = 'roll'), 0)`;
const isWanted = `device_no = any(array(select unnest($1::int[])))
  and ($2::int[] is null or metric_no = any(array(select unnest($2::int[]))))`;

const selectLatest = statement<LatestPage>(
  'telemetry_latest.list',
  `select ${last}::text as last, ${json} as readings
   from (select * from tel_own_latest where ${isWanted} order by device_no, metric_no) r`,
  { parse: { readings: 'json', last: bigint } },
);

/** `metricNos` null: all of them. In the order of devices' numbers. */
export async function listLatest(
  db: Queryable,
  deviceNos: readonly number[],
  metricNos: readonly number[] | null,
): Promise<LatestPage> {
  return onlyRow(await db.query(selectLatest, [deviceNos, metricNos]));
}

export interface ChangedPage extends LatestPage {
  readonly count: number;
  /** The greatest number among them. */
  readonly reached: bigint;
}

/** $3 number, $4 how many; whatever has the last one's number comes with it. */
const selectChanged = statement<ChangedPage>(
  'telemetry_latest.changed',
  `select ${last}::text as last, ${json} as readings, count(*)::int as count, coalesce(max(roll_no), $3::bigint)::text as reached
   from (
     select * from tel_own_latest where roll_no > $3::bigint and ${isWanted}
     order by roll_no fetch first ($4::bigint) rows with ties
   ) r`,
  { parse: { readings: 'json', last: bigint, count: 'int', reached: bigint } },
);

/** What has another last reading since roll-up `after`, each once. */
export async function listChanged(
  db: Queryable,
  after: bigint,
  deviceNos: readonly number[],
  metricNos: readonly number[] | null,
  limit: number,
): Promise<ChangedPage> {
  return onlyRow(await db.query(selectChanged, [deviceNos, metricNos, after, limit]));
}

const selectLastRoll = statement<{ readonly last: bigint }>(
  'telemetry_latest.last_roll',
  `select ${last}::text as last`,
  { parse: { last: bigint } },
);

export const readLastRoll = async (db: Queryable): Promise<bigint> => onlyRow(await db.query(selectLastRoll)).last;

function onlyRow<Row>([row]: readonly Row[]): Row {
  if (row === undefined) throw new Error('an aggregate is one row');
  return row;
}
