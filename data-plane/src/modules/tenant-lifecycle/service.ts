import { systemDatabase } from '@platen/chassis/db/system-database';
import { AppError } from '@platen/chassis/http/app-error';
import type { CallCtx } from '@platen/chassis/http/types';
import type { DatabaseState, TenantDatabases } from '@platen/schema/contracts/internal/tenants';
import type { Tenant } from '../../feed/tenant.js';
import type { Catalogue, DatabaseKind } from '../../routing/catalogue.js';
import type { ModuleDeps } from '../module.js';
import * as repo from './repo.js';

export interface TenantLifecycle {
  check(tenantId: string, databases: TenantDatabases): Promise<{ key: string; state: DatabaseState }[]>;
  /** @throws AppError database_unavailable, schema_behind, in_use */
  prepare(tenantId: string, databases: TenantDatabases): Promise<void>;
  /** How many rows went. @throws AppError database_unavailable, schema_behind, in_use, dependency_unavailable */
  purge(ctx: CallCtx, tenantId: string, databases: TenantDatabases): Promise<number>;
}

type Deps = Pick<ModuleDeps, 'feed' | 'openDb' | 'openTelemetryDb'> & {
  readonly catalogue: Catalogue;
  /** How many objects of the storage went. */
  readonly purgeFiles: (tenantId: string) => Promise<number>;
};

interface Place {
  readonly kind: DatabaseKind;
  readonly key: string;
}

/** A table of a large tenant is one statement; nobody waits for it but the control plane, which asks again. */
const purgeStatementTimeoutMs = 600_000;

export const createTenantLifecycle = (deps: Deps): TenantLifecycle => ({
  async check(tenantId, databases) {
    const check = async (place: Place) => ({ key: place.key, state: await stateOf(deps, tenantId, place) });
    return Promise.all(placesOf(databases).map(check));
  },

  async prepare(tenantId, databases) {
    for (const place of placesOf(databases)) {
      await open(deps, tenantId, place).transaction(async (tx) => {
        repo.insertMark(tx, tenantId);
      });
    }
  },

  async purge(ctx, tenantId, databases) {
    // It serves requests, which would go on writing. Gone or on its way out: nobody is let in.
    const status = deps.feed.tenantById(tenantId)?.status;
    if (status === 'active' || status === 'suspended') throw new AppError('in_use', `The tenant is ${status}`);
    const places = placesOf(databases);
    // What is purged must be what this build knows: an older schema may have other tables.
    for (const place of places) await open(deps, tenantId, place).leased.query(repo.probe, []);
    let deleted = 0;
    for (const place of places) deleted += await purgeDatabase(deps, ctx, tenantId, place);
    // After the rows: whoever is asked again after a failure finds them gone and comes here.
    const objects = await deps.purgeFiles(tenantId);
    if (objects > 0) ctx.log.info({ purged_tenant_id: tenantId, objects }, 'files of a tenant purged');
    return deleted;
  },
});

const placesOf = ({ erp_db_key: erp, telemetry_db_key: telemetry }: TenantDatabases): readonly Place[] => [
  { kind: 'erp', key: erp },
  ...(telemetry == null ? [] : [{ kind: 'telemetry' as const, key: telemetry }]),
];

async function purgeDatabase(deps: Deps, ctx: CallCtx, tenantId: string, { kind, key }: Place): Promise<number> {
  const url = deps.catalogue.get(key)?.system_url;
  if (url === undefined) throw new AppError('database_unavailable');
  const db = systemDatabase({
    name: `${key} purge`,
    url,
    poolSize: 1,
    statementTimeoutMs: purgeStatementTimeoutMs,
    leaseTimeoutMs: purgeStatementTimeoutMs,
  });
  try {
    const { deleteTenantRows } = await import('./purge-repo.js');
    let deleted = 0;
    for await (const { table, count } of deleteTenantRows(db, tenantId, kind)) {
      if (count > 0) ctx.log.info({ purged_tenant_id: tenantId, key, table, count }, 'rows of a tenant purged');
      deleted += count;
    }
    return deleted;
  } finally {
    await db.close();
  }
}

/** The tenant's own scope in a database that is named, not looked up: the feed may not have brought the tenant yet. */
function open({ openDb, openTelemetryDb }: Deps, tenantId: string, { kind, key }: Place) {
  const tenant: Tenant = {
    id: tenantId,
    slug: '',
    name: '',
    status: 'provisioning',
    domains: [],
    primaryDomain: null,
    stores: [],
    store: null,
    erpDbKey: kind === 'erp' ? key : '',
    telemetryDbKey: kind === 'telemetry' ? key : null,
    authzEpoch: 0,
    modules: [],
    limits: {},
  };
  const scope = { tenantId, organizationId: null, workspaceId: null };
  return kind === 'erp' ? openDb(tenant, scope) : openTelemetryDb(tenant, scope);
}

async function stateOf(deps: Deps, tenantId: string, place: Place): Promise<DatabaseState> {
  // A key of the other kind is none that could be used.
  if (deps.catalogue.get(place.key)?.kind !== place.kind) return 'unknown';
  try {
    await open(deps, tenantId, place).leased.query(repo.probe, []);
    return 'ok';
  } catch (error) {
    if (error instanceof AppError && error.code === 'schema_behind') return 'schema_behind';
    if (error instanceof AppError && error.code === 'database_unavailable') return 'away';
    throw error;
  }
}
