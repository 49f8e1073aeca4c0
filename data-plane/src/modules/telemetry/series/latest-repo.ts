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
/** By columns: written as JSON, a reading at a time, it is a fifth dearer. */
const columns = `array_agg(device_no) as devices, array_agg(metric_no) as metrics, array_agg(${ms('ts')}) as times,
  array_agg(value) as values, array_agg(${ms('arrived_at')}) as arrivals`;
const numbers = (array: string): number[] => JSON.parse(`[${array.slice(1, -1)}]`) as number[]; // of numbers alone
const parse = {
  devices: numbers,
  metrics: numbers,
  times: numbers,
  values: numbers,
  arrivals: numbers,
  last: bigint,
} as const;

interface Columns {
  readonly devices: readonly number[] | null;
  readonly metrics: readonly number[] | null;
  readonly times: readonly number[] | null;
  readonly values: readonly number[] | null;
  readonly arrivals: readonly number[] | null;
  readonly last: bigint;
}

const readingsOf = ({ devices, metrics, times, values, arrivals }: Columns): LatestReading[] =>
  (devices ?? []).map((deviceNo, n) => [
    deviceNo,
    metrics?.[n] ?? 0,
    times?.[n] ?? 0,
    values?.[n] ?? 0,
    arrivals?.[n] ?? 0,
  ]);

/** Rolls are committed one after the other for a tenant: whatever is up to the last one is there. */
const last = `coalesce((select n.last_no from tel_numbers n where n.kind = 'roll'), 0)`;
const isOfMetrics = '($2::int[] is null or (metric_no in (select unnest($2::int[]))) is true)';
/** Looked up in a hash: an array of a thousand is gone through for each row, where the planner takes another index. */
const isWanted = `(device_no in (select unnest($1::int[]))) is true and ${isOfMetrics}`;

const latestOf = (name: string, readings: string) =>
  statement<Columns>(
    name,
    `select ${last}::text as last, ${columns} from (${readings} order by device_no, metric_no) r`,
    { parse },
  );
/** One scan of the key from $3 to $4. */
const selectLatestBetween = latestOf(
  'telemetry_latest.between',
  `select * from tel_own_latest where device_no >= $3::int and device_no <= $4::int and ${isWanted}`,
);
/** A look into the key for each device: three times as dear for one, and no dearer when others lie between. */
const selectLatestOfEach = latestOf(
  'telemetry_latest.of_each',
  `select l.* from unnest($1::int[]) as w(no)
     cross join lateral (select * from tel_own_latest o where o.device_no = w.no and ${isOfMetrics} offset 0) l`,
);
/** Devices that may lie between one that is wanted and the next. */
const mostBetween = 3;

/** `deviceNos` ascending; `metricNos` null: all of them. In the order of devices' numbers. */
export async function listLatest(
  db: Queryable,
  deviceNos: readonly number[],
  metricNos: readonly number[] | null,
): Promise<LatestPage> {
  const [first = 0, end = 0] = [deviceNos[0], deviceNos.at(-1)];
  const isRange = end - first < deviceNos.length * mostBetween;
  const row = onlyRow(
    await (isRange
      ? db.query(selectLatestBetween, [deviceNos, metricNos, first, end])
      : db.query(selectLatestOfEach, [deviceNos, metricNos])),
  );
  return { readings: readingsOf(row), last: row.last };
}

export interface ChangedPage extends LatestPage {
  readonly count: number;
  /** The greatest number among them. */
  readonly reached: bigint;
}

/** $3 number, $4 how many; whatever has the last one's number comes with it. */
const selectChanged = statement<Columns & Pick<ChangedPage, 'count' | 'reached'>>(
  'telemetry_latest.changed',
  `select ${last}::text as last, ${columns}, count(*)::int as count, coalesce(max(roll_no), $3::bigint)::text as reached
   from (
     select * from tel_own_latest where roll_no > $3::bigint and ${isWanted}
     order by roll_no fetch first ($4::bigint) rows with ties
   ) r`,
  { parse: { ...parse, count: 'int', reached: bigint } },
);

/** What has another last reading since roll-up `after`, each once. */
export async function listChanged(
  db: Queryable,
  after: bigint,
  deviceNos: readonly number[],
  metricNos: readonly number[] | null,
  limit: number,
): Promise<ChangedPage> {
  const row = onlyRow(await db.query(selectChanged, [deviceNos, metricNos, after, limit]));
  return { readings: readingsOf(row), last: row.last, count: row.count, reached: row.reached };
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
