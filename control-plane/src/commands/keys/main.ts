import { systemDatabase } from '@platen/chassis/db/system-database';
import { createTextCipher, deriveKey } from '../../modules/keys/index.js';
import { readKeysConfig } from '../config.js';
import { runCommand } from '../run-command.js';
import { keysUsage, runKeys } from './run-keys.js';

/** `npm run keys -- list|publish|activate|rotate|revoke`. */
await runCommand({ name: 'keys', usage: keysUsage, run });

async function run(words: readonly string[]): Promise<number> {
  const config = readKeysConfig(process.env);
  const db = systemDatabase({ name: 'control-keys', url: config.CONTROL_PLATFORM_DB_URL, poolSize: 2 });
  const cipher = createTextCipher(deriveKey(config.KEY_ENCRYPTION_KEY, 'signing-keys'));
  try {
    return await runKeys(words, { db, cipher, print: (line) => console.log(line) });
  } finally {
    await db.close();
  }
}
