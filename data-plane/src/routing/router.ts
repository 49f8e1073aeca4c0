import { type Database, type DatabaseState, type Deadlines, openDatabase } from '@platen/chassis/db/database';
import type { DbStats, Scope, ScopedDb } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { DependencyState } from '@platen/chassis/http/readiness';
import type { Logger } from '@platen/chassis/log/logger';
import type { InstanceDatabaseState } from '@platen/schema/contracts/internal/feed';
import { databaseKeyOf, type Tenant } from '../feed/tenant.js';
import type { Catalogue, CatalogueEntry } from './catalogue.js';
import { GatedDb } from './gated-db.js';
import { SchemaGate } from './schema-gate.js';

export interface RouterOptions {
  readonly catalogue: Catalogue;
  readonly log: Logger;
  /** Connections of a database whose entry names no `pool_size`. */
  readonly defaultPoolSize?: number;
  /** Of every database. */
  readonly deadlines?: Deadlines;
  readonly now?: () => number;
}

interface Route {
  readonly database: Database;
  readonly gate: SchemaGate;
}

/** From a tenant to the one database that its configuration names; never to another. */
export interface Router {
  /**
   * Refusals come with the first statement: 503 `database_unavailable` for a key that the catalogue lacks, 503
   * `schema_behind` before a migration. Both concern the tenants of that database alone.
   */
  open(tenant: Tenant, scope: Scope, stats?: DbStats): ScopedDb;
  /** The tenant's telemetry database, which it may have none of: then `database_unavailable` as well. */
  openTelemetry(tenant: Tenant, scope: Scope, stats?: DbStats): ScopedDb;
  /** By catalogue key; a database that nobody has asked for yet is `ok`. */
  dependencies(): Record<string, DependencyState>;
  /** The same by key alone, as heartbeats tell it. */
  databases(): Record<string, InstanceDatabaseState>;
  states(): DatabaseState[];
  close(): Promise<void>;
}

const defaultPoolSize = 10;
/** Of the names under which readiness tells of a database. */
export const databasePrefix = 'database ';

export function createRouter(options: RouterOptions): Router {
  const { catalogue, log } = options;
  const routes = new Map<string, Route & { readonly kind: CatalogueEntry['kind'] }>();
  let closed = false;

  function openRoute(key: string, { url, pool_size, kind }: CatalogueEntry): Route {
    const database = openDatabase({
      name: key,
      url,
      poolSize: pool_size ?? options.defaultPoolSize ?? defaultPoolSize,
      ...options.deadlines,
    });
    return { database, gate: new SchemaGate({ database, kind, log, ...(options.now && { now: options.now }) }) };
  }

  function routeOf(key: string | null, kind: CatalogueEntry['kind']): Route {
    const known = key === null ? undefined : routes.get(key);
    if (known?.kind === kind) return known;
    const entry = key === null ? undefined : catalogue.get(key);
    // The key stays inside: a tenant learns nothing of where its data lies.
    if (key === null || entry?.kind !== kind || closed) {
      throw new AppError('database_unavailable', undefined, { cause: new Error(`No database "${key}" of ${kind}`) });
    }
    const route = { ...openRoute(key, entry), kind };
    routes.set(key, route);
    return route;
  }

  function enter(key: string | null, kind: CatalogueEntry['kind'], scope: Scope, stats?: DbStats): ScopedDb {
    const { database, gate } = routeOf(key, kind);
    const db = database.scoped(scope, stats);
    return gate.isOpen ? db : new GatedDb(gate, db);
  }

  return {
    open: (tenant, scope, stats) => enter(databaseKeyOf(tenant, 'erp'), 'erp', scope, stats),
    openTelemetry: (tenant, scope, stats) => enter(databaseKeyOf(tenant, 'telemetry'), 'telemetry', scope, stats),
    dependencies: () =>
      Object.fromEntries(
        [...catalogue.keys()].map((key) => {
          const route = routes.get(key);
          return [`${databasePrefix}${key}`, route ? stateOf(route) : 'ok'];
        }),
      ),
    databases: () =>
      Object.fromEntries(
        [...catalogue.keys()].map((key) => {
          const route = routes.get(key);
          return [key, route ? reportedStateOf(route) : 'ok'];
        }),
      ),
    states: () => [...routes.values()].map(({ database }) => database.state()),
    close: async () => {
      closed = true;
      await Promise.all([...routes.values()].map(({ database }) => database.close()));
    },
  };
}

function reportedStateOf({ database, gate }: Route): InstanceDatabaseState {
  if (gate.isBehind) return 'schema_behind';
  const { circuit } = database.state();
  if (circuit === 'closed') return 'ok';
  return circuit === 'open' ? 'away' : 'degraded';
}

function stateOf({ database, gate }: Route): DependencyState {
  if (gate.isBehind) return 'schema_behind';
  return database.state().circuit === 'closed' ? 'ok' : 'degraded';
}
