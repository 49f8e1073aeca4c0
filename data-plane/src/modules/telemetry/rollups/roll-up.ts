import type { Tx } from '@platen/chassis/db/types';
import { dayMs, hourMs } from '@platen/chassis/durations';
import type { Tenant } from '../../../feed/tenant.js';
import type { ModuleDeps } from '../../module.js';
import * as repo from './repo.js';

/** What came in of a series: the first and the last of its readings that did. */
export interface RolledSeries {
  readonly deviceNo: number;
  readonly metricNo: number;
  readonly fromTs: Date;
  readonly toTs: Date;
}

export interface Rolled {
  /** Rows that said where something had come in. */
  readonly rows: number;
  /** Minutes that are other than they were. */
  readonly minutes: number;
  /** Series of which some are. */
  readonly changes: readonly RolledSeries[];
  /** More is waiting. */
  readonly more: boolean;
}

/** A transaction takes no more: some tenths of a second, so that others have their turn. */
const rowsAtOnce = 3_000;
const minutesAtOnce = 600;

/** One transaction, one at a time for a tenant, in whatever process. */
export function rollUpTenant(
  { openTelemetryDb }: Pick<ModuleDeps, 'openTelemetryDb'>,
  tenant: Tenant,
  limit: number = rowsAtOnce,
  /** Of readings' spans; more where nobody waits for a turn. */
  minutes: number = minutesAtOnce,
): Promise<Rolled> {
  const db = openTelemetryDb(tenant, { tenantId: tenant.id, organizationId: null, workspaceId: null });
  return db.transaction((tx) => rollUp(tx, tenant.id, limit, minutes));
}

async function rollUp(tx: Tx, tenantId: string, limit: number, most: number): Promise<Rolled> {
  await repo.lockTenant(tx, tenantId);
  const taken = await repo.takeDirty(tx, { rows: limit, minutes: most });
  const { rows, more } = taken;
  const spans = mergeSpans(taken.spans);
  const minutes = spans.length === 0 ? [] : await repo.writeMinutes(tx, tenantId, spans);
  if (minutes.length === 0) return { rows, minutes: 0, changes: [], more };
  const grown = await repo.writeIncreases(tx, tenantId, spans);
  const hours = bucketsOf(grown, hourMs);
  // None waits for the answer of another: they travel together, and run in this order.
  await Promise.all([
    repo.writeHours(tx, tenantId, hours),
    repo.writeDays(tx, tenantId, bucketsOf(hours, dayMs)),
    repo.writeLatest(tx, tenantId, newestOf(minutes)),
  ]);
  return { rows, minutes: minutes.length, changes: changesOf(spans, minutes), more };
}

/** Those of a series that touch become one: no reading may be read twice. They come ordered by series and time. */
export function mergeSpans(spans: readonly repo.Span[]): repo.Span[] {
  const merged: repo.Span[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last !== undefined && isOfSeries(last, span) && span.sinceMs <= last.untilMs)
      merged[merged.length - 1] = joined(last, span);
    else merged.push(span);
  }
  return merged;
}

const isOfSeries = (a: Series, b: Series): boolean => a.deviceNo === b.deviceNo && a.metricNo === b.metricNo;
type Series = Pick<repo.Bucket, 'deviceNo' | 'metricNo'>;

const joined = (a: repo.Span, b: repo.Span): repo.Span => ({
  ...a,
  untilMs: Math.max(a.untilMs, b.untilMs),
  firstMs: Math.min(a.firstMs, b.firstMs),
  lastMs: Math.max(a.lastMs, b.lastMs),
  arrivedMs: Math.max(a.arrivedMs, b.arrivedMs),
});

const seriesKey = ({ deviceNo, metricNo }: Series): string => `${deviceNo} ${metricNo}`;

/** The coarser buckets that these are in, each once. In UTC, whatever the organization's time zone. */
export function bucketsOf(finer: readonly repo.Bucket[], lengthMs: number): repo.Bucket[] {
  const found = new Map<string, repo.Bucket>();
  for (const one of finer) {
    const startMs = Math.floor(one.startMs / lengthMs) * lengthMs;
    found.set(`${seriesKey(one)} ${startMs}`, { deviceNo: one.deviceNo, metricNo: one.metricNo, startMs });
  }
  return [...found.values()];
}

function newestOf(minutes: readonly repo.Bucket[]): repo.Bucket[] {
  const found = new Map<string, repo.Bucket>();
  for (const one of minutes) {
    const key = seriesKey(one);
    if (one.startMs > (found.get(key)?.startMs ?? Number.NEGATIVE_INFINITY)) found.set(key, one);
  }
  return [...found.values()];
}

/** Repeated batches change nothing, and nobody hears of them. */
function changesOf(spans: readonly repo.Span[], minutes: readonly repo.Bucket[]): RolledSeries[] {
  const changed = new Set(minutes.map(seriesKey));
  const found = new Map<string, repo.Span>();
  for (const span of spans) {
    const key = seriesKey(span);
    if (!changed.has(key)) continue;
    const known = found.get(key);
    found.set(key, known === undefined ? span : joined(known, span));
  }
  return [...found.values()].map(({ deviceNo, metricNo, firstMs, lastMs }) => ({
    deviceNo,
    metricNo,
    fromTs: new Date(firstMs),
    toTs: new Date(lastMs),
  }));
}
