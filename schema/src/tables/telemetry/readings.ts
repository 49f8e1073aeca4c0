import {
  bigint,
  doublePrecision,
  index,
  integer,
  type PgColumnBuilderBase,
  pgTable,
  primaryKey,
  uuid,
} from 'drizzle-orm/pg-core';
import { id, instant } from '../columns.js';

/**
 * What was measured. Without row-level security, which a columnstore refuses and partitions do not inherit: the
 * application has no right here and sees its tenant's rows through views (storage.ts). Series are pairs of numbers,
 * looked up under the policies of devices and metrics.
 */
const series = () => ({
  tenant_id: uuid().notNull(),
  device_no: integer().notNull(),
  metric_no: integer().notNull(),
});

/** Unique but for its value, so that a repeated batch changes nothing. */
export const telReadings = pgTable(
  'tel_readings',
  { ...series(), ts: instant().notNull(), value: doublePrecision().notNull() },
  (t) => [primaryKey({ name: 'tel_readings_pkey', columns: [t.tenant_id, t.device_no, t.metric_no, t.ts] })],
);

/** The reading with the greatest `ts` of each series. */
export const telLatest = pgTable(
  'tel_latest',
  {
    ...series(),
    ts: instant().notNull(),
    value: doublePrecision().notNull(),
    arrived_at: instant().notNull(),
    /** Of the roll-up that put it there: it grows in the order in which they were committed, so that a reader can go on after one. */
    roll_no: bigint({ mode: 'number' }).notNull().default(0),
  },
  (t) => [
    primaryKey({ name: 'tel_latest_pkey', columns: [t.tenant_id, t.device_no, t.metric_no] }),
    index('tel_latest_roll_idx').on(t.tenant_id, t.roll_no),
  ],
);

const rollup = <const N extends string, const More extends Record<string, PgColumnBuilderBase>>(name: N, more: More) =>
  pgTable(
    name,
    {
      ...series(),
      /** Its beginning; it ends before the next one's. */
      bucket: instant().notNull(),
      count: integer().notNull(),
      sum: doublePrecision().notNull(),
      min: doublePrecision().notNull(),
      max: doublePrecision().notNull(),
      first: doublePrecision().notNull(),
      last: doublePrecision().notNull(),
      first_ts: instant().notNull(),
      last_ts: instant().notNull(),
      /** By how much a counter grew in it, from the last reading before it on; where it fell it had begun again from nothing. */
      increase: doublePrecision().notNull(),
      /** When the latest reading of it came in. */
      arrived_at: instant().notNull(),
      /** How often something came late for it: when the series had been measured after its end. */
      recomputes: integer().notNull().default(0),
      ...more,
    },
    (t) => [primaryKey({ name: `${name}_pkey`, columns: [t.tenant_id, t.device_no, t.metric_no, t.bucket] })],
  );

export const telReadings1m = rollup('tel_readings_1m', {
  /** What a counter had stood at when it fell, summed within it: `increase` follows from it and the bucket before. */
  fell: doublePrecision().notNull().default(0),
});
export const telReadings1h = rollup('tel_readings_1h', {});
export const telReadings1d = rollup('tel_readings_1d', {});

/**
 * What has been stored and is in no rollup yet: a row for each batch, series and hour, only ever added and taken away, so
 * that two batches of a series never wait for each other.
 */
export const telDirtyBuckets = pgTable(
  'tel_dirty_buckets',
  {
    tenant_id: uuid().notNull(),
    id: id(),
    device_no: integer().notNull(),
    metric_no: integer().notNull(),
    first_ts: instant().notNull(),
    last_ts: instant().notNull(),
    arrived_at: instant().notNull(),
  },
  (t) => [
    primaryKey({ name: 'tel_dirty_buckets_pkey', columns: [t.tenant_id, t.id] }),
    index('tel_dirty_buckets_arrived_idx').on(t.tenant_id, t.arrived_at),
  ],
);
