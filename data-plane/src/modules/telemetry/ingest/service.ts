import type { Scope, ScopedDb } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { defaultRetention } from '@platen/schema/tables/telemetry/retention';
import { LRUCache } from 'lru-cache';
import type { Registry } from 'prom-client';
import { hasModule, type Tenant } from '../../../feed/tenant.js';
import type { ModuleDeps } from '../../module.js';
import type { Directory, DirectoryView } from '../directory.js';
import type { Pace } from '../pace.js';
import { createAccounts, dayOf, type Taken } from './accounts.js';
import { createBatcher, inOrder, lacksPartition } from './batcher.js';
import { type BudgetLimits, createBudget } from './budget.js';
import { addIngestMetrics } from './ingest-metrics.js';
import { type Judged, type JudgedRow, judgeReadings } from './judge.js';
import type { Parsed, RefusedReading } from './parse/parsed.js';
import { ensurePartitions, findRawDays, insertRows, insertRowsOnce, type Row } from './repo.js';

/** Who sends. */
export interface Sender {
  readonly tenant: Tenant;
  readonly organizationId: string;
  readonly workspaceId: string | null;
  /** The telemetry database, in that scope. */
  readonly db: ScopedDb;
  /** Whose credential was shown; null: it was not a device's. */
  readonly deviceId: string | null;
  /** Of the event that brings them; null: they were sent here, by somebody who is told what was refused. */
  readonly eventId: string | null;
  /** When it came in. */
  readonly arrivedAt: Date;
}

export interface Ingested {
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: readonly RefusedReading[];
  /** Of the device that is furthest off; null: nothing was stored. */
  readonly clockSkewMs: number | null;
}

export interface IngestDeps extends Pick<ModuleDeps, 'openTelemetryDb'> {
  readonly directory: Directory;
  readonly pace: Pace;
  readonly newId: () => string;
  /** In process, after the commit. */
  readonly onStored: (tenant: Tenant) => void;
  readonly registry?: Registry | undefined;
  readonly budget?: BudgetLimits | undefined;
}

const defaultBudget: BudgetLimits = {
  perTenantBytes: 32 * 1024 * 1024,
  totalBytes: 128 * 1024 * 1024,
  behindMs: 5_000,
};
const policyKeptMs = 60_000;
const maxPolicies = 10_000;

export function createIngest(deps: IngestDeps) {
  const { openTelemetryDb, directory, pace, newId, onStored } = deps;
  const budget = createBudget(deps.budget ?? defaultBudget, (tenantId) => batcher.behindMs(tenantId));
  const metrics = addIngestMetrics(() => budget.waitingBytes, deps.registry);
  const accounts = createAccounts(deps);
  const policies = new LRUCache<string, number>({ max: maxPolicies, ttl: policyKeptMs });

  /** Of the tenant as a whole: which organization may write for a device was looked at before. */
  const wholeDb = (tenant: Tenant): ScopedDb =>
    openTelemetryDb(tenant, { tenantId: tenant.id, organizationId: null, workspaceId: null });

  /** The first reading of a day may find no place for it. */
  async function withPartitions<T>(
    tenant: Tenant,
    rows: readonly Row[],
    store: (db: ScopedDb) => Promise<T>,
  ): Promise<T> {
    const db = wholeDb(tenant);
    try {
      return await store(db);
    } catch (error) {
      if (!lacksPartition(error)) throw error;
      await ensurePartitions(db, rows);
      return store(db);
    }
  }

  const batcher = createBatcher<Tenant>(
    (tenant, rows) => withPartitions(tenant, rows, (db) => insertRows(db.leased, tenant.id, rows, newId)),
    metrics,
    pace,
  );

  async function readPolicy(key: string, db: ScopedDb): Promise<number> {
    const rawDays = (await findRawDays(db)) ?? defaultRetention.rawDays;
    policies.set(key, rawDays);
    return rawDays;
  }

  /** Without waiting where everything is known. */
  async function judge(sender: Sender, scope: Scope, parsed: Parsed): Promise<Judged> {
    const key = `${scope.tenantId} ${scope.organizationId}`;
    const rawDays = policies.get(key) ?? (await readPolicy(key, sender.db));
    const look = (view: DirectoryView): Judged =>
      judgeReadings(parsed, { view, rawDays, ownDeviceId: sender.deviceId, arrivedMs: sender.arrivedAt.getTime() });
    const view = directory.kept(scope) ?? (await directory.view(sender.db, scope));
    const judged = look(view);
    if (!judged.missesNames) return judged;
    const newer = await directory.view(sender.db, scope, { fresh: true });
    return newer === view ? judged : look(newer);
  }

  /** As much as the plan allows today; the rest is refused. */
  async function takePoints(sender: Sender, judged: Judged): Promise<Taken> {
    const { rows } = judged;
    const taken = await accounts.takePoints(sender.tenant, rows.length, sender.arrivedAt.getTime());
    if (taken.count === rows.length) return taken;
    if (taken.count === 0 && sender.eventId === null) throw usedUp(sender);
    for (const { sent } of rows.splice(taken.count))
      judged.refused.push({ line: sent.line, reason: 'limit_reached', device: sent.device, metric: sent.metric });
    return taken;
  }

  async function storeOnce(tenant: Tenant, eventId: string, rows: readonly Row[]): Promise<number> {
    const ordered = inOrder(rows);
    const stored = await withPartitions(tenant, ordered, (db) =>
      db.transaction((tx) => insertRowsOnce(tx, { tenantId: tenant.id, eventId }, ordered, newId)),
    );
    return stored?.count ?? 0;
  }

  async function storeReadings(sender: Sender, parsed: Parsed): Promise<Ingested> {
    const { tenant, organizationId, workspaceId, eventId } = sender;
    if (eventId !== null) requireServed(sender);
    const scope: Scope = { tenantId: tenant.id, organizationId, workspaceId };
    const judged = await judge(sender, scope, parsed);
    const { rows, refused } = judged;
    let accepted = 0;
    if (rows.length > 0) {
      const taken = await takePoints(sender, judged);
      try {
        if (rows.length > 0)
          accepted = await (eventId === null ? batcher.store(tenant, rows) : storeOnce(tenant, eventId, rows));
      } finally {
        taken.giveBack(rows.length - accepted);
      }
    }
    if (accepted > 0) onStored(tenant);
    const duplicates = rows.length - accepted;
    metrics.answered(accepted, duplicates, refused);
    return { accepted, duplicates, refused, clockSkewMs: noteClocks(sender, scope, rows) };
  }

  /** What each device's clock is off by, by its newest reading. */
  function noteClocks({ tenant, arrivedAt }: Sender, scope: Scope, rows: readonly JudgedRow[]): number | null {
    const atMs = arrivedAt.getTime();
    const newest = new Map<string, number>();
    let last: JudgedRow | undefined;
    for (const row of rows) {
      if (row.device !== last?.device || row.tsMs > last.tsMs) {
        const known = newest.get(row.device.id);
        if (known === undefined || row.tsMs > known) newest.set(row.device.id, row.tsMs);
      }
      last = row;
    }
    let furthest: number | null = null;
    for (const [deviceId, tsMs] of newest) {
      const skewMs = Math.max(tsMs - atMs, -maxSkewMs);
      accounts.touch(tenant, scope, { deviceId, atMs, skewMs });
      if (furthest === null || Math.abs(skewMs) > Math.abs(furthest)) furthest = skewMs;
    }
    return furthest;
  }

  return {
    budget,
    accounts,
    /** Committed when this resolves: with whatever else its tenant sends at this moment, or with its event, which counts once. */
    storeReadings,
    drained: () => batcher.drained(),
  };
}

export type Ingest = ReturnType<typeof createIngest>;

/** The column's range. */
const maxSkewMs = 2 ** 31 - 1;

/** Requests of people and devices were asked this at the door. What events bring comes in beside it. @throws AppError not_found */
function requireServed({ tenant, arrivedAt }: Sender): void {
  const isServed = tenant.status === 'active' && hasModule(tenant, 'telemetry.readings', arrivedAt.getTime());
  if (!isServed) throw new AppError('not_found');
}

function usedUp({ tenant, arrivedAt }: Sender): AppError {
  const midnightMs = Date.parse(`${dayOf(arrivedAt.getTime())}T00:00:00.000Z`) + 86_400_000;
  return new AppError('rate_limited', "The plan's readings of today are used up", {
    extensions: { limit: 'points_per_day', allowed: tenant.limits['points_per_day'] ?? null },
    retryAfterSeconds: Math.ceil((midnightMs - arrivedAt.getTime()) / 1_000),
  });
}
