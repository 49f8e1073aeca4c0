import type { PlatformCtx } from '@platen/chassis/http/types';
import type { OutputOf } from '@platen/schema/contract';
import { type InstanceDatabaseState, instanceDatabaseStates } from '@platen/schema/contracts/internal/feed';
import type { databases, dataPlanes } from '@platen/schema/contracts/platform/data-planes';
import * as repo from './repo.js';

type Instance = OutputOf<typeof dataPlanes.list>['items'][number];
type Database = OutputOf<typeof databases.list>['items'][number];

/** Another release may report a state that this one has no word for. */
const stateOf = (text: string): InstanceDatabaseState =>
  instanceDatabaseStates.find((state) => state === text) ?? 'degraded';

/** From the best to the worst. */
const severity: readonly InstanceDatabaseState[] = ['ok', 'degraded', 'schema_behind', 'away'];
const worst = (states: readonly InstanceDatabaseState[]): InstanceDatabaseState | null =>
  severity.findLast((state) => states.includes(state)) ?? null;

const statesOf = ({ databases: states }: repo.InstanceRow) =>
  Object.entries(states)
    .map(([key, state]) => ({ key, state: stateOf(state) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));

export async function describeInstances(ctx: PlatformCtx): Promise<Instance[]> {
  const rows = await repo.listInstances(ctx.db);
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    alive: row.alive,
    last_seen_at: row.last_seen_at.toISOString(),
    started_at: row.created_at.toISOString(),
    feed_position: row.feed_position,
    feed_lag: row.feed_lag,
    key_ids: [...row.key_ids],
    databases: statesOf(row),
  }));
}

/** Keys that somebody has and keys that somebody needs: the difference is what one looks for. */
export async function describeDatabases(ctx: PlatformCtx): Promise<Database[]> {
  const [instances, tenants] = await Promise.all([repo.listInstances(ctx.db), repo.countTenantsByDatabase(ctx.db)]);
  const seen = instances.filter(({ alive }) => alive).flatMap(statesOf);
  const keys = new Set([...seen.map(({ key }) => key), ...tenants.map(({ key }) => key)]);
  return [...keys].sort().map((key) => {
    const states = seen.filter((entry) => entry.key === key).map(({ state }) => state);
    const counts = tenants.filter((entry) => entry.key === key);
    return {
      key,
      state: worst(states),
      data_planes: states.length,
      tenants: counts.reduce((sum, { tenants: count }) => sum + count, 0),
      tenants_by_status: counts.map(({ status, tenants: count }) => ({ status, tenants: count })),
    };
  });
}
