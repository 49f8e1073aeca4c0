import { ConfigError } from '@platen/chassis/config/load-config';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { minuteMs } from '@platen/chassis/durations';
import { createPasswordPool } from './modules/auth/index.js';
import { readSeedConfig } from './seed/config.js';
import { readScaleOptions, UsageError, usage } from './seed/scale/options.js';
import { seedScale } from './seed/scale/seed-scale.js';

/** `npm run seed:scale`: an installation as large as the design is for, to measure and to look at. */
async function run(): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(usage);
    return;
  }
  const options = readScaleOptions(args);
  const config = readSeedConfig(process.env);
  if (config.production) throw new UsageError('everybody would have a known password: not in production');
  const startedAt = performance.now();
  const url = config.CONTROL_PLATFORM_DB_URL;
  const timeouts = { statementTimeoutMs: minuteMs, leaseTimeoutMs: 60 * minuteMs };
  const db = systemDatabase({ name: 'control-seed-scale', url, poolSize: 1, ...timeouts });
  const passwords = createPasswordPool({ threads: 1, maxQueue: 1 });
  try {
    const made = await seedScale({ ...options, db, passwords, baseDomain: config.BASE_DOMAIN });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`control: ${made.tenants} tenants with ${made.users} users made in ${seconds} s`);
  } finally {
    await Promise.all([db.close(), passwords.close()]);
  }
}

try {
  await run();
} catch (error) {
  console.error(`control: failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof ConfigError || error instanceof UsageError ? 2 : 1;
}
