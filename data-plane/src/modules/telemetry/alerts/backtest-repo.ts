import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { defaultRetention } from '@platen/schema/tables/telemetry/retention';

/** A device whose readings are looked at. */
export interface TestedDevice {
  readonly id: string;
  readonly code: string;
  readonly device_no: number;
}

interface Measured {
  readonly metric_no: number;
  readonly raw_days: number;
}
const selectMeasured = statement<Measured>(
  'telemetry_backtest.measured',
  `select m.metric_no, coalesce((select min(p.raw_days) from tel_retention_policies p), ${defaultRetention.rawDays}) as raw_days
   from tel_metrics m where m.id = $1::uuid`,
  { parse: { metric_no: 'int', raw_days: 'int' } },
);

/** By what number the metric is found, and for how long raw readings are kept. */
export const findMeasured = async (db: Queryable, metricId: string): Promise<Measured | undefined> =>
  (await db.query(selectMeasured, [metricId]))[0];

const parseDevice = { device_no: 'int' } as const;
const selectDevice = statement<TestedDevice>(
  'telemetry_backtest.device',
  'select d.id, d.code, d.device_no from tel_devices d where d.id = $1::uuid',
  { parse: parseDevice },
);
const selectDevices = statement<TestedDevice>(
  'telemetry_backtest.devices',
  `select d.id, d.code, d.device_no from (select l.device_no from tel_own_latest l where l.metric_no = $1::int offset 0) l
   cross join lateral (select d.id, d.code, d.device_no, d.workspace_id from tel_devices d
     where d.device_no = l.device_no offset 0) d
   where $2::uuid is null or d.workspace_id is null or d.workspace_id = $2::uuid
   order by d.code limit $3::int`,
  { parse: parseDevice },
);

/** The one that the rule names, or those that the caller sees and that have sent the metric. */
export const listTested = (
  db: Queryable,
  metricNo: number,
  rule: { readonly device_id: string | null; readonly workspace_id: string | null },
  limit: number,
): Promise<TestedDevice[]> =>
  rule.device_id === null
    ? db.query(selectDevices, [metricNo, rule.workspace_id, limit])
    : db.query(selectDevice, [rule.device_id]);

const countHours = statement<{ count: number }>(
  'telemetry_backtest.count',
  `select coalesce(sum(c.count), 0)::bigint as count from unnest($1::int[]) a(device_no)
   cross join lateral (select sum(h.count) as count from tel_own_readings_1h h
     where h.device_no = a.device_no and h.metric_no = $2::int and h.bucket > $3::timestamptz and h.bucket < $4::timestamptz) c`,
  { parse: { count: (text) => Number(text) } },
);

/** How many readings the hours within have, as they were rolled up. */
export const countReadings = async (
  db: Queryable,
  deviceNos: readonly number[],
  metricNo: number,
  from: Date,
  to: Date,
): Promise<number> => (await db.query(countHours, [deviceNos, metricNo, from, to]))[0]?.count ?? 0;

export interface TestedReading {
  readonly ts_ms: number;
  readonly value: number;
}
const toNumber = (text: string): number => Number(text);
const selectPage = statement<TestedReading>(
  'telemetry_backtest.readings',
  `select (extract(epoch from r.ts) * 1000)::bigint as ts_ms, r.value from tel_own_readings r
   where r.device_no = $1::int and r.metric_no = $2::int and r.ts > $3::timestamptz and r.ts <= $4::timestamptz
   order by r.ts limit $5::int`,
  { parse: { ts_ms: toNumber, value: toNumber } },
);

export const listPage = (
  db: Queryable,
  deviceNo: number,
  metricNo: number,
  span: { readonly after: Date; readonly to: Date },
  limit: number,
): Promise<TestedReading[]> => db.query(selectPage, [deviceNo, metricNo, span.after, span.to, limit]);
