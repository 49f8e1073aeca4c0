import { ConfigError } from '@platen/chassis/config/load-config';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { createPasswordPool } from './modules/auth/index.js';
import { bootstrapSigningKey, createTextCipher, deriveKey } from './modules/keys/index.js';
import { readSeedConfig } from './seed/config.js';
import { seedControlPlane } from './seed/seed.js';

/** `npm run db:seed`, the control plane's part. Production gets the catalogue, roles, service accounts and a signing key. */
async function run(): Promise<void> {
  const config = readSeedConfig(process.env);
  const db = systemDatabase({
    name: 'control-seed',
    url: config.CONTROL_PLATFORM_DB_URL,
    poolSize: 2,
    // What a release changes is told of every tenant in one statement.
    statementTimeoutMs: 60_000,
    leaseTimeoutMs: 300_000,
  });
  const passwords = createPasswordPool({ threads: 2, maxQueue: 1_000 });
  try {
    const { changed } = await seedControlPlane({
      db,
      passwords,
      baseDomain: config.BASE_DOMAIN,
      demo: !config.production,
      serviceSecrets: {
        dataPlane: config.SEED_DATA_PLANE_SECRET,
        erpWorker: config.SEED_ERP_WORKER_SECRET,
        telemetryWorker: config.SEED_TELEMETRY_WORKER_SECRET,
      },
    });
    const cipher = createTextCipher(deriveKey(config.KEY_ENCRYPTION_KEY, 'signing-keys'));
    const kid = await bootstrapSigningKey(db, cipher);
    console.log(
      `control: seeds ${changed ? 'written' : 'up to date'}${kid === null ? '' : `, signing key ${kid} made`}`,
    );
  } finally {
    await Promise.all([db.close(), passwords.close()]);
  }
}

try {
  await run();
} catch (error) {
  console.error(`control: failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
