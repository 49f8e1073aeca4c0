import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { RawJson } from '@platen/chassis/http/types';
import type { QueryOf } from '@platen/schema/contract';
import {
  maxLatestDevices,
  maxSeriesMetrics,
  type telemetryLatest,
} from '@platen/schema/contracts/data/telemetry-series';
import type { TenantCtx } from '../../module.js';
import type { Directory, DirectoryView, KnownDevice, KnownMetric } from '../directory.js';
import { gapIntervals } from './gaps.js';
import { type LatestReading, listLatest } from './latest-repo.js';
import { livePositions } from './positions.js';
import { resolveNames } from './resolve.js';

type Query = QueryOf<typeof telemetryLatest.list>;

/** The last readings of a fleet, by devices. */
export function createLatest({ directory, cursors }: { readonly directory: Directory; readonly cursors: Cursors }) {
  return {
    /** @throws AppError context_required, validation_failed, unknown_reference, invalid_cursor */
    async list(ctx: TenantCtx, query: Query): Promise<RawJson> {
      if (ctx.organizationId === null) throw new AppError('context_required');
      const limits = { devices: maxLatestDevices, metrics: maxSeriesMetrics };
      const { view, devices, metrics } = await resolveNames(directory, ctx, query, limits);
      const use = {
        list: 'telemetry.latest.list',
        tenantId: ctx.tenant.id,
        organizationId: ctx.organizationId,
        workspaceId: ctx.workspaceId,
        filters: [query.devices, query.metrics],
      };
      const [after] = query.cursor === undefined ? [] : cursors.decode(use, query.cursor);
      const limit = query.limit ?? maxLatestDevices;
      const all = byNumber(devices ?? view.devices);
      const wanted = after === undefined ? all : all.filter(({ no }) => no > Number(after));
      const shown = wanted.slice(0, limit);
      const page = await listLatest(
        ctx.db,
        shown.map(({ no }) => no),
        metrics?.map(({ no }) => no) ?? null,
      );
      const lastShown = shown.at(-1);
      const next = wanted.length > limit && lastShown ? cursors.encode(use, [String(lastShown.no)]) : null;
      const items = itemsJson(shown, page.readings, view, ctx.now().getTime());
      const position = livePositions(cursors, ctx.tenant).hide(page.last);
      return new RawJson(`{"items":[${items}],"next_cursor":${JSON.stringify(next)},"position":"${position}"}`);
    },
  };
}

/** Kept with what they are of: a fleet is listed again and again. */
const inOrder = new WeakMap<readonly KnownDevice[], readonly KnownDevice[]>();
const heads = new WeakMap<KnownDevice | KnownMetric, string>();

function byNumber(devices: readonly KnownDevice[]): readonly KnownDevice[] {
  const known = inOrder.get(devices);
  if (known !== undefined) return known;
  const sorted = devices.toSorted((a, b) => a.no - b.no);
  inOrder.set(devices, sorted);
  return sorted;
}

function headOf(noun: 'device' | 'metric', known: KnownDevice | KnownMetric): string {
  const found = heads.get(known);
  if (found !== undefined) return found;
  const head = `"${noun}_id":"${known.id}","${noun}":${JSON.stringify(known.code)}`;
  heads.set(known, head);
  return head;
}

function itemsJson(
  devices: readonly KnownDevice[],
  readings: readonly LatestReading[],
  view: DirectoryView,
  nowMs: number,
): string {
  const items: string[] = [];
  let next = 0;
  for (const device of devices) {
    const ofDevice: string[] = [];
    for (; readings[next]?.[0] === device.no; next += 1) {
      const reading = readings[next];
      const text = reading === undefined ? null : readingJson(reading, view, nowMs);
      if (text !== null) ofDevice.push(text);
    }
    items.push(`{${headOf('device', device)},"readings":[${ofDevice.join(',')}]}`);
  }
  return items.join(',');
}

function readingJson(reading: LatestReading, view: DirectoryView, nowMs: number): string | null {
  const fields = readingFields(reading, view);
  if (fields === null) return null;
  const [, metricNo, atMs] = reading;
  const intervalMs = view.metricByNo(metricNo)?.expectedIntervalMs ?? null;
  const stale = intervalMs !== null && nowMs - atMs > gapIntervals * intervalMs;
  return `{${fields},"age_ms":${nowMs - atMs},"stale":${stale}}`;
}

/** Written by hand: a fleet has thousands. Null: the metric is not of this context. */
export function readingFields(
  [, metricNo, atMs, value, arrivedMs]: LatestReading,
  view: Pick<DirectoryView, 'metricByNo'>,
): string | null {
  const metric = view.metricByNo(metricNo);
  if (metric === undefined) return null;
  const times = `"ts":"${new Date(atMs).toISOString()}","value":${value},"arrived_at":"${new Date(arrivedMs).toISOString()}"`;
  return `${headOf('metric', metric)},${times}`;
}
