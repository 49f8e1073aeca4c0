import { Readable } from 'node:stream';
import { ConfigError, loadConfig } from '@platen/chassis/config/load-config';
import { openDatabase } from '@platen/chassis/db/database';
import { tenants } from '@platen/schema/seeds/identities';
import { Type } from 'typebox';
import { type Catalogue, readCatalogue } from './routing/catalogue.js';
import type { StoreFile } from './seed/making/artwork.js';
import { seedPlans } from './seed/plans.js';
import { seedOrganization } from './seed/seed-organization.js';
import { openStorage } from './storage/open-storage.js';
import type { StorageProvider } from './storage/storage.js';
import { storageFields, storageOf } from './storage/storage-config.js';

/** `npm run db:seed`, the data plane's part: demo data, written as the application's role in each organization's scope. */
async function run(catalogue: Catalogue, storage: StorageProvider | undefined): Promise<void> {
  const store: StoreFile | undefined =
    storage && (async (key, bytes, mediaType) => void (await storage.put(key, Readable.from([bytes]), mediaType)));
  try {
    await Promise.all(seedPlans.map((planned) => seedPlan(catalogue, planned, store)));
  } finally {
    await storage?.close();
  }
}

/** Only a storage that is named: a folder that nobody chose is not where the services look. */
async function findStorage(env: NodeJS.ProcessEnv): Promise<StorageProvider | undefined> {
  if (!env['STORAGE_PROVIDER'] && !env['STORAGE_LOCAL_DIR']) return undefined;
  return openStorage(storageOf(loadConfig(Type.Object(storageFields), env)));
}

async function seedPlan(
  catalogue: Catalogue,
  { tenant, plan }: (typeof seedPlans)[number],
  store: StoreFile | undefined,
): Promise<void> {
  const key = tenants[tenant].erpDbKey;
  const entry = catalogue.get(key);
  if (!entry) throw new Error(`DATA_DB_CATALOG has no database ${key}, where ${tenant} lives`);
  // Pricing hundreds of quotes keeps this process too busy to look after its sockets in a service's times.
  const patience = {
    statementTimeoutMs: 60_000,
    leaseTimeoutMs: 120_000,
    connectTimeoutMs: 30_000,
    waitTimeoutMs: 60_000,
  };
  const database = openDatabase({ name: `seed-${key}`, url: entry.url, poolSize: 3, ...patience });
  const startedAt = performance.now();
  try {
    const scope = { tenantId: plan.tenantId, organizationId: plan.organizationId, workspaceId: null };
    const written = await seedOrganization(database.scoped(scope), plan, new Date(), store);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(`${key}: ${plan.name} ${written ? `seeded in ${seconds} s` : 'has its seeds already'}`);
  } finally {
    await database.close();
  }
}

try {
  if (process.env['NODE_ENV'] === 'production') throw new Error('demo data is not for production');
  await run(readCatalogue(process.env['DATA_DB_CATALOG'] ?? ''), await findStorage(process.env));
} catch (error) {
  console.error(`data: failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
