import { systemDatabase } from '@platen/chassis/db/system-database';
import { AppError } from '@platen/chassis/http/app-error';
import type { CallCtx } from '@platen/chassis/http/types';
import type { DatabaseState, TenantDatabases } from '@platen/schema/contracts/internal/tenants';
import type { Tenant } from '../../feed/tenant.js';
import type { Catalogue } from '../../routing/catalogue.js';
import type { ModuleDeps } from '../module.js';
import * as repo from './repo.js';

export interface TenantLifecycle {
  check(tenantId: string, databases: TenantDatabases): Promise<{ key: string; state: DatabaseState }[]>;
  /** @throws AppError database_unavailable, schema_behind, in_use */
  prepare(tenantId: string, databases: TenantDatabases): Promise<void>;
  /** How many rows went. @throws AppError database_unavailable, schema_behind, in_use, dependency_unavailable */
  purge(ctx: CallCtx, tenantId: string, databases: TenantDatabases): Promise<number>;
}

type Deps = Pick<ModuleDeps, 'feed' | 'openDb'> & {
  readonly catalogue: Catalogue;
  /** How many objects of the storage went. */
  readonly purgeFiles: (tenantId: string) => Promise<number>;
};

/** A table of a large tenant is one statement; nobody waits for it but the control plane, which asks again. */
const purgeStatementTimeoutMs = 600_000;

export const createTenantLifecycle = (deps: Deps): TenantLifecycle => ({
  async check(tenantId, { erp_db_key: erp, telemetry_db_key: telemetry }) {
    return [
      { key: erp, state: await stateOf(deps, tenantId, erp) },
      // No catalogue has a database for telemetry: its kind is not there yet.
      ...(telemetry == null ? [] : [{ key: telemetry, state: 'unknown' as const }]),
    ];
  },

  async prepare(tenantId, databases) {
    if (databases.telemetry_db_key != null) throw new AppError('database_unavailable');
    await open(deps, tenantId, databases.erp_db_key).transaction(async (tx) => {
      repo.insertMark(tx, tenantId);
    });
  },

  async purge(ctx, tenantId, { erp_db_key: key }) {
    // It serves requests, which would go on writing. Gone or on its way out: nobody is let in.
    const status = deps.feed.tenantById(tenantId)?.status;
    if (status === 'active' || status === 'suspended') throw new AppError('in_use', `The tenant is ${status}`);
    const url = deps.catalogue.get(key)?.system_url;
    if (url === undefined) throw unknownKey(key);
    // What is purged must be what this build knows: an older schema may have other tables.
    await open(deps, tenantId, key).leased.query(repo.probe, []);
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
      for await (const { table, count } of deleteTenantRows(db, tenantId)) {
        if (count > 0) ctx.log.info({ purged_tenant_id: tenantId, table, count }, 'rows of a tenant purged');
        deleted += count;
      }
      // After the rows: whoever is asked again after a failure finds them gone and comes here.
      const objects = await deps.purgeFiles(tenantId);
      if (objects > 0) ctx.log.info({ purged_tenant_id: tenantId, objects }, 'files of a tenant purged');
      return deleted;
    } finally {
      await db.close();
    }
  },
});

const unknownKey = (key: string) =>
  new AppError('database_unavailable', undefined, { cause: new Error(`No database "${key}"`) });

/** The tenant's own scope in a database that is named, not looked up: the feed may not have brought the tenant yet. */
function open({ openDb }: Deps, tenantId: string, key: string) {
  const tenant: Tenant = {
    id: tenantId,
    slug: '',
    name: '',
    status: 'provisioning',
    domains: [],
    primaryDomain: null,
    stores: [],
    store: null,
    erpDbKey: key,
    telemetryDbKey: null,
    authzEpoch: 0,
    modules: [],
    limits: {},
  };
  return openDb(tenant, { tenantId, organizationId: null, workspaceId: null });
}

async function stateOf(deps: Deps, tenantId: string, key: string): Promise<DatabaseState> {
  if (!deps.catalogue.has(key)) return 'unknown';
  try {
    await open(deps, tenantId, key).leased.query(repo.probe, []);
    return 'ok';
  } catch (error) {
    if (error instanceof AppError && error.code === 'schema_behind') return 'schema_behind';
    if (error instanceof AppError && error.code === 'database_unavailable') return 'away';
    throw error;
  }
}
