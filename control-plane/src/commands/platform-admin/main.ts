import { systemDatabase } from '@platen/chassis/db/system-database';
import { createPasswordPool } from '../../modules/auth/index.js';
import { readAuditConfig } from '../config.js';
import { runCommand } from '../run-command.js';
import { readSecret } from './read-secret.js';
import { platformAdminUsage, runPlatformAdmin } from './run-platform-admin.js';

/** `npm run platform:admin -- create <e-mail> <name>`. */
await runCommand({ name: 'platform:admin', usage: platformAdminUsage, run });

async function run(words: readonly string[]): Promise<number> {
  const config = readAuditConfig(process.env);
  const db = systemDatabase({ name: 'platform-admin', url: config.CONTROL_PLATFORM_DB_URL, poolSize: 2 });
  const passwords = createPasswordPool({ threads: 1, maxQueue: 8 });
  try {
    return await runPlatformAdmin(words, {
      db,
      passwords,
      readPassword: () => readSecret('Password: '),
      print: (line) => console.log(line),
    });
  } finally {
    await Promise.all([db.close(), passwords.close()]);
  }
}
