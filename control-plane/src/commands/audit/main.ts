import { pipeline } from 'node:stream/promises';
import { type SystemDatabase, systemDatabase } from '@platen/chassis/db/system-database';
import { readAuditConfig } from '../config.js';
import { runCommand } from '../run-command.js';
import { auditUsage, runAudit } from './run-audit.js';

/** `npm run audit -- verify|export`. */
await runCommand({ name: 'audit', usage: auditUsage, run });

async function run(words: readonly string[]): Promise<number> {
  let db: SystemDatabase | undefined;
  const openDb = () => {
    const { CONTROL_PLATFORM_DB_URL: url } = readAuditConfig(process.env);
    db ??= systemDatabase({ name: 'control-audit', url, poolSize: 2 });
    return db;
  };
  try {
    return await runAudit(words, {
      openDb,
      print: (line) => console.log(line),
      write: (lines) => pipeline(lines, process.stdout, { end: false }),
    });
  } finally {
    await db?.close();
  }
}
