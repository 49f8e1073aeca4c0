import { ConfigError } from '@platen/chassis/config/load-config';
import { openDatabase } from '@platen/chassis/db/database';
import { tenants } from '@platen/schema/seeds/identities';
import { type Catalogue, readCatalogue } from './routing/catalogue.js';
import { seedTelemetry } from './seed/telemetry/seed-telemetry.js';

const { acme } = tenants;

/** `npm run db:seed`, the part of telemetry: Acme Print's machines. A catalogue without its database has nothing to fill. */
async function run(catalogue: Catalogue): Promise<void> {
  const key = acme.telemetryDbKey;
  const entry = catalogue.get(key);
  if (entry === undefined) {
    console.log(`${key} is not in the catalogue: no telemetry is seeded`);
    return;
  }
  const patience = { statementTimeoutMs: 60_000, leaseTimeoutMs: 120_000, connectTimeoutMs: 30_000 };
  const database = openDatabase({
    name: `seed-${key}`,
    url: entry.url,
    poolSize: 3,
    waitTimeoutMs: 60_000,
    ...patience,
  });
  const startedAt = performance.now();
  try {
    const plan = {
      tenant: { id: acme.id, slug: 'acme', telemetryDbKey: key },
      organizationId: acme.organizations['acme-print'].id,
      managerId: acme.users[4].id,
    };
    const seeded = await seedTelemetry((scope) => database.scoped(scope), plan, new Date());
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(
      seeded === null
        ? `${key}: acme-print has its machines already`
        : `${key}: acme-print has ${seeded.devices} machines, ${seeded.readings} readings, ${seeded.alerts} alerts, in ${seconds} s`,
    );
  } finally {
    await database.close();
  }
}

try {
  if (process.env['NODE_ENV'] === 'production') throw new Error('demo data is not for production');
  await run(readCatalogue(process.env['DATA_DB_CATALOG'] ?? ''));
} catch (error) {
  console.error(`telemetry: failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
