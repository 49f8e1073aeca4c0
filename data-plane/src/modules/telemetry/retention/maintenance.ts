import { pause } from '@platen/chassis/bus/back-off';
import { lockNumber } from '@platen/chassis/db/advisory-locks';
import { statement } from '@platen/chassis/db/statement';
import type { Logger } from '@platen/chassis/log/logger';
import type { FeedReader } from '../../../feed/store.js';
import type { Tenant } from '../../../feed/tenant.js';
import type { Background, ModuleDeps } from '../../module.js';
import type { SystemTelemetryDatabase } from '../rollups/index.js';
import { deleteOld } from './delete-old.js';

export interface MaintenanceDeps extends Pick<ModuleDeps, 'openTelemetryDb'> {
  readonly feed: Pick<FeedReader, 'tenantById' | 'organizations'>;
  readonly databases: readonly SystemTelemetryDatabase[];
  readonly log: Logger;
  readonly clock?: () => number;
}

export interface Maintenance {
  /** One round over one database. How many rows of organizations that keep less than others went. */
  maintain(database: SystemTelemetryDatabase, signal?: AbortSignal): Promise<number>;
  readonly background: Background;
}

/** Often enough for partitions ahead and behind, which there are two days of. */
const everyMs = 3_600_000;
/** After a failure. */
const againMs = 60_000;

/** For as long as it takes: another instance finds it taken and has nothing to do. */
const tryLock = statement<{ locked: boolean }>(
  'telemetry_maintenance.try-lock',
  `select pg_try_advisory_xact_lock(${lockNumber('telemetryMaintenance')}) as locked`,
  { parse: { locked: 'bool' } },
);
const maintainStorage = statement<{ part: string; dropped: number; compressed: number }>(
  'telemetry_maintenance.storage',
  'select part, dropped, compressed from tel_maintain_storage()',
  { parse: { dropped: 'int', compressed: 'int' } },
);

const strangeFor = "now() - interval '7 days'";
const oldOnes = 10_000;
const selectOldTenants = statement<{ tenant_id: string }>(
  'telemetry_maintenance.old-tenants',
  `select distinct tenant_id
   from (select tenant_id from tel_dirty_buckets where arrived_at < ${strangeFor} limit ${oldOnes}) old`,
);
const deleteDirty = statement<unknown>(
  'telemetry_maintenance.delete-dirty',
  `delete from tel_dirty_buckets where tenant_id = any($1::uuid[]) and id = any(array(
     select id from tel_dirty_buckets where tenant_id = any($1::uuid[]) and arrived_at < ${strangeFor} limit ${oldOnes}))`,
);

/** Storage by days of all tenants together, then what single organizations keep for less long. */
export function createMaintenance(deps: MaintenanceDeps): Maintenance {
  const { feed, databases, log, clock = Date.now } = deps;
  const stopping = new AbortController();
  let following: Promise<unknown> | null = null;

  /** Whether it was done here. */
  async function maintainDays({ key, system }: SystemTelemetryDatabase): Promise<boolean> {
    return system.transaction(async (tx) => {
      const [row] = await tx.query(tryLock);
      if (row?.locked !== true) return false;
      const parts = await tx.query(maintainStorage);
      const changed = parts.filter(({ dropped, compressed }) => dropped + compressed > 0);
      if (changed.length > 0) log.info({ database: key, parts: changed }, 'days of readings dropped or compressed');
      return true;
    });
  }

  async function deleteOldOf(tenant: Tenant, organizationId: string, signal: AbortSignal): Promise<number> {
    const db = deps.openTelemetryDb(tenant, { tenantId: tenant.id, organizationId, workspaceId: null });
    const rows = await deleteOld({ db, nowMs: clock(), signal });
    if (rows > 0) log.info({ tenant_id: tenant.id, organization_id: organizationId, rows }, 'old readings deleted');
    return rows;
  }

  /** What waits for a roll-up of a tenant that has long lived elsewhere, or nowhere: nobody will ever take it. */
  async function deleteStrangers({ key, system }: SystemTelemetryDatabase): Promise<void> {
    const old = await system.query(selectOldTenants);
    const strangers = old.filter(({ tenant_id: id }) => feed.tenantById(id)?.telemetryDbKey !== key);
    if (strangers.length === 0) return;
    await system.query(deleteDirty, [strangers.map(({ tenant_id: id }) => id)]);
    log.info({ database: key, tenants: strangers.length }, 'what waited for roll-ups of nobody here was deleted');
  }

  async function maintain(database: SystemTelemetryDatabase, signal = stopping.signal): Promise<number> {
    if (!(await maintainDays(database))) return 0;
    await deleteStrangers(database);
    let rows = 0;
    // As they are now: the feed goes on meanwhile.
    for (const { tenantId, id } of [...feed.organizations()]) {
      const tenant = feed.tenantById(tenantId);
      if (signal.aborted) break;
      if (tenant?.telemetryDbKey === database.key && tenant.status !== 'deleting')
        rows += await deleteOldOf(tenant, id, signal);
    }
    return rows;
  }

  async function follow(database: SystemTelemetryDatabase): Promise<void> {
    const { signal } = stopping;
    while (!signal.aborted) {
      const waitMs = await maintain(database).then(
        () => everyMs,
        (error: unknown) => {
          log.warn({ error, database: database.key }, 'readings that are too old stay for now');
          return againMs;
        },
      );
      // Instances that started together drift apart.
      await pause(waitMs * (0.5 + Math.random()), signal);
    }
  }

  return {
    maintain,
    background: {
      name: 'retention of readings',
      start() {
        following ??= Promise.all(databases.map(follow));
      },
      async stop() {
        stopping.abort();
        await following;
      },
    },
  };
}
