import { statement } from '@platen/chassis/db/statement';
import type { Scope, ScopedDb } from '@platen/chassis/db/types';
import type { DeviceStatus, MetricKind } from '@platen/schema/states/telemetry';
import { LRUCache } from 'lru-cache';

export interface KnownDevice {
  readonly id: string;
  readonly code: string;
  /** What its readings know it by; of the tenant. */
  readonly no: number;
  readonly status: DeviceStatus;
  readonly workspaceId: string | null;
}

export interface KnownMetric {
  readonly id: string;
  readonly code: string;
  readonly no: number;
  readonly kind: MetricKind;
  readonly expectedIntervalMs: number | null;
  readonly workspaceId: string | null;
}

/** What one scope sees: looked up under row-level security, kept for a while. */
export interface DirectoryView {
  deviceByCode(code: string): KnownDevice | undefined;
  deviceById(id: string): KnownDevice | undefined;
  deviceByNo(no: number): KnownDevice | undefined;
  metricByCode(code: string): KnownMetric | undefined;
  metricById(id: string): KnownMetric | undefined;
  metricByNo(no: number): KnownMetric | undefined;
  readonly devices: readonly KnownDevice[];
  readonly metrics: readonly KnownMetric[];
}

export interface Directory {
  /**
   * What `scope` sees, at most 30 s old; `db` is of that scope. `fresh` reads again, for a caller that misses a code:
   * once a second for a scope and a few times more now and then, so codes that nobody has cost few reads.
   */
  view(db: ScopedDb, scope: Scope, options?: { fresh?: boolean }): Promise<DirectoryView>;
  /** The same if it is kept, without waiting: for the hot path of what comes in. */
  kept(scope: Scope): DirectoryView | null;
  /** After a write here: nothing that was read before it is handed out any more. Other instances know within 30 s. */
  forget(tenantId: string): void;
}

const keptMs = 30_000;
const freshEveryMs = 1_000;
/** Fresh reads that a scope may have saved up. */
const maxSpare = 5;
const maxScopes = 2_000;
/** Devices and metrics of all scopes together, some 300 bytes each. What alone has more is read, and not kept. */
const maxKnown = 500_000;

interface Kept {
  readonly view: DirectoryView;
  readonly readAtMs: number;
  /** Fresh reads that were left then; one more each second. */
  readonly spare: number;
}

const selectDevices = statement<KnownDevice>(
  'telemetry_directory.devices',
  `select id, code, device_no as no, status, workspace_id as "workspaceId" from tel_devices`,
  { parse: { no: 'int' } },
);
const selectMetrics = statement<KnownMetric>(
  'telemetry_directory.metrics',
  `select id, code, metric_no as no, kind, expected_interval_ms as "expectedIntervalMs", workspace_id as "workspaceId"
   from tel_metrics`,
  { parse: { no: 'int', expectedIntervalMs: 'int' } },
);

export function createDirectory(now: () => number = () => performance.now()): Directory {
  const views = new LRUCache<string, Kept>({
    max: maxScopes,
    maxSize: maxKnown,
    sizeCalculation: ({ view }) => 1 + view.devices.length + view.metrics.length,
  });
  const reading = new Map<string, Promise<DirectoryView>>();

  function keptFor(key: string): Kept | null {
    const found = views.get(key);
    return found !== undefined && now() - found.readAtMs < keptMs ? found : null;
  }
  const spareOf = (kept: Kept | null): number =>
    kept === null ? maxSpare : Math.min(maxSpare, kept.spare + (now() - kept.readAtMs) / freshEveryMs);

  function readOnce(db: ScopedDb, key: string, spare: number): Promise<DirectoryView> {
    const underWay = reading.get(key);
    if (underWay !== undefined) return underWay;
    const readAtMs = now();
    const read = readView(db).then((view) => {
      // Forgotten meanwhile: it may lack what made it so.
      if (reading.get(key) === read) views.set(key, { view, readAtMs, spare });
      return view;
    });
    reading.set(key, read);
    const done = (): void => {
      if (reading.get(key) === read) reading.delete(key);
    };
    read.then(done, done);
    return read;
  }

  return {
    async view(db, scope, { fresh = false } = {}) {
      const key = keyOf(scope);
      const kept = keptFor(key);
      const spare = spareOf(kept);
      if (kept !== null && (!fresh || spare < 1)) return kept.view;
      return readOnce(db, key, fresh ? spare - 1 : spare);
    },
    kept: (scope) => keptFor(keyOf(scope))?.view ?? null,
    forget(tenantId) {
      const ofTenant = (key: string): boolean => key.startsWith(tenantId);
      for (const key of [...views.keys()].filter(ofTenant)) views.delete(key);
      for (const key of [...reading.keys()].filter(ofTenant)) reading.delete(key);
    },
  };
}

const keyOf = ({ tenantId, organizationId, workspaceId }: Scope): string =>
  `${tenantId} ${organizationId} ${workspaceId}`;

async function readView(db: ScopedDb): Promise<DirectoryView> {
  // Thousands of rows would hold up what shares a pipelined connection.
  const [devices, metrics] = await Promise.all([db.leased.query(selectDevices), db.leased.query(selectMetrics)]);
  const [ofDevices, ofMetrics] = [lookupsOf(devices), lookupsOf(metrics)];
  return {
    devices,
    metrics,
    deviceByCode: (code) => ofDevices.byCode.get(code),
    deviceById: (id) => ofDevices.byId.get(id),
    deviceByNo: (no) => ofDevices.byNo.get(no),
    metricByCode: (code) => ofMetrics.byCode.get(code),
    metricById: (id) => ofMetrics.byId.get(id),
    metricByNo: (no) => ofMetrics.byNo.get(no),
  };
}

const lookupsOf = <K extends { readonly id: string; readonly code: string; readonly no: number }>(
  known: readonly K[],
) => ({
  byCode: new Map(known.map((one) => [one.code, one])),
  byId: new Map(known.map((one) => [one.id, one])),
  byNo: new Map(known.map((one) => [one.no, one])),
});
