import { pause } from '@platen/chassis/bus/back-off';
import { statement } from '@platen/chassis/db/statement';
import type { SystemDatabase } from '@platen/chassis/db/system-database';
import type { Logger } from '@platen/chassis/log/logger';
import type { Registry } from 'prom-client';
import type { FeedReader } from '../../../feed/store.js';
import type { Tenant } from '../../../feed/tenant.js';
import type { Background, ModuleDeps } from '../../module.js';
import type { Pace } from '../pace.js';
import { addRollupMetrics } from './lag-metrics.js';
import { type Rolled, type RolledSeries, rollUpTenant } from './roll-up.js';
import { createTurns, type Turns } from './turns.js';
import { withWaiting } from './waiting-tenants.js';

/** A telemetry database as the system role, which sees of whom something waits in it. */
export interface SystemTelemetryDatabase {
  readonly key: string;
  readonly system: Pick<SystemDatabase, 'query' | 'transaction'>;
}

export interface RollupsDeps extends Pick<ModuleDeps, 'openTelemetryDb'> {
  readonly feed: Pick<FeedReader, 'tenantById'>;
  readonly databases: readonly SystemTelemetryDatabase[];
  readonly log: Logger;
  /** Default: as fast as it goes. */
  readonly pace?: Pace;
  readonly metrics?: { readonly registry: Registry };
}

export type RolledListener = (tenant: Tenant, changes: readonly RolledSeries[]) => Promise<void>;

export interface Rollups {
  /** Something of this tenant was stored: it is rolled up soon, once the background runs. */
  wake(tenant: Tenant): void;
  /**
   * Rolls up what waits, as much as one transaction takes, and tells the listeners. After those of the same tenant that are
   * under way.
   */
  rollUp(tenant: Tenant, limit?: number, minutes?: number): Promise<Rolled>;
  /**
   * Called after the commit, for one roll-up of a tenant after the other. What a listener throws is logged, and it is not
   * called again for it: nor is it after a process has died.
   */
  onRolled(listener: RolledListener): void;
  readonly background: Background;
}

/** What another instance stored, or left when it died, is found after so long at most. */
const lookEveryMs = 2_000;
/** Connections of a database that roll-ups take, of the ten or so that it has. */
const atOnce = 2;
const restMs = 500;
const shareOfTime = 0.2;
/** What a transaction takes on where others want something too. */
const minutesAmongOthers = 60;
/** Beside its minutes, a roll-up takes as long as these would, which is no use of the database. */
const freeMinutes = 10;

const selectTenants = statement<{ tenant_id: string }>(
  'telemetry_rollups.tenants',
  `${withWaiting} select tenant_id from waiting`,
);

export function createRollups(deps: RollupsDeps): Rollups {
  const { log } = deps;
  const listeners: RolledListener[] = [];
  const underWay = new Map<string, Promise<unknown>>();
  let loop: Loop | null = null;
  if (deps.metrics) addRollupMetrics(deps.metrics.registry, deps.databases);

  async function rollUpNow(tenant: Tenant, limit?: number, minutes?: number): Promise<Rolled> {
    const rolled = await rollUpTenant(deps, tenant, limit, minutes);
    if (rolled.changes.length > 0) await tell(tenant, rolled.changes);
    return rolled;
  }

  async function tell(tenant: Tenant, changes: readonly RolledSeries[]): Promise<void> {
    for (const listener of listeners) {
      await listener(tenant, changes).catch((error: unknown) => {
        log.error({ error, tenant_id: tenant.id }, 'what follows from readings failed');
      });
    }
  }

  async function rollUp(tenant: Tenant, limit?: number, minutes?: number): Promise<Rolled> {
    const before = underWay.get(tenant.id);
    const own = (before ?? Promise.resolve()).catch(() => undefined).then(() => rollUpNow(tenant, limit, minutes));
    underWay.set(tenant.id, own);
    try {
      return await own;
    } finally {
      if (underWay.get(tenant.id) === own) underWay.delete(tenant.id);
    }
  }

  return {
    wake: (tenant) => loop?.wake(tenant),
    rollUp,
    onRolled(listener) {
      listeners.push(listener);
    },
    background: {
      name: 'roll-ups of readings',
      start() {
        loop ??= startLoop(deps, rollUp);
      },
      async stop() {
        await loop?.stop();
        loop = null;
      },
    },
  };
}

interface Loop {
  wake(tenant: Tenant): void;
  stop(): Promise<void>;
}

function startLoop(deps: RollupsDeps, rollUp: Rollups['rollUp']): Loop {
  const { feed, databases, log, pace } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  const waitMs = ({ id }: Tenant): number => pace?.waitMs(id) ?? 0;
  const byDatabase = new Map<string, Turns<Tenant>>(
    databases.map(({ key }) => [key, createTurns({ atOnce, restMs, shareOfTime, waitMs, run })]),
  );

  async function run(tenant: Tenant): Promise<boolean> {
    // It is asked again when it need not wait.
    if (waitMs(tenant) > 0) return true;
    const paid = pace?.begin(tenant.id);
    const startedMs = performance.now();
    let minutes = 0;
    try {
      const rolled = await rollUp(tenant, undefined, pace?.hasOthers(tenant.id) ? minutesAmongOthers : undefined);
      minutes = rolled.minutes;
      return rolled.more;
    } catch (error) {
      // It is found again at the next look.
      log.warn({ error, tenant_id: tenant.id }, 'readings wait for their roll-up');
      return false;
    } finally {
      paid?.(((performance.now() - startedMs) * minutes) / (minutes + freeMinutes));
    }
  }

  /** Of tenants that live here: rows of one that has gone are the purge's. */
  async function look({ key, system }: SystemTelemetryDatabase): Promise<void> {
    for (const { tenant_id: id } of await system.query(selectTenants)) {
      const tenant = feed.tenantById(id);
      if (tenant?.telemetryDbKey === key) byDatabase.get(key)?.ask(tenant);
    }
  }

  async function follow(database: SystemTelemetryDatabase): Promise<void> {
    while (!signal.aborted) {
      await look(database).catch((error: unknown) => log.debug({ error }, 'cannot look for readings to roll up'));
      await pause(lookEveryMs, signal);
    }
  }

  const following = databases.map(follow);
  return {
    wake: (tenant) => (tenant.telemetryDbKey === null ? undefined : byDatabase.get(tenant.telemetryDbKey))?.ask(tenant),
    async stop() {
      stopping.abort();
      await Promise.all([...following, ...[...byDatabase.values()].map((turns) => turns.stop())]);
    },
  };
}
