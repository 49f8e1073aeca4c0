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
import { timestampOf } from './timestamps.js';

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

/** Of a device: up to its readings; of a metric: up to the time. */
function headOf<K extends KnownDevice | KnownMetric>(known: K, make: (known: K) => string): string {
  const found = heads.get(known);
  if (found !== undefined) return found;
  const head = make(known);
  heads.set(known, head);
  return head;
}
const deviceHead = ({ id, code }: KnownDevice): string =>
  JSON.stringify({ device_id: id, device: code, readings: [] }).slice(0, -2);
const metricHead = ({ id, code }: KnownMetric): string =>
  JSON.stringify({ metric_id: id, metric: code, ts: '' }).slice(1, -2);

function itemsJson(
  devices: readonly KnownDevice[],
  readings: readonly LatestReading[],
  view: DirectoryView,
  nowMs: number,
): string {
  let items = '';
  let next = 0;
  for (const device of devices) {
    let ofDevice = '';
    for (; readings[next]?.[0] === device.no; next += 1) {
      const reading = readings[next];
      const text = reading === undefined ? null : readingJson(reading, view, nowMs);
      if (text !== null) ofDevice += ofDevice === '' ? text : `,${text}`;
    }
    items += `${items === '' ? '' : ','}${headOf(device, deviceHead)}${ofDevice}]}`;
  }
  return items;
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
  return `${headOf(metric, metricHead)}${timestampOf(atMs)}","value":${value},"arrived_at":"${timestampOf(arrivedMs)}"`;
}
