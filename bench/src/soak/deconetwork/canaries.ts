import pg from 'pg';
import { type DnStage, serviceNames } from './stage.js';
import { everyTable } from './tables.js';

const databases = ['erp-1', 'erp-2', 'control'] as const;

/** Where a secret of a site is readable: in a log, or in a row of any table. */
export async function findSecrets({
  platform,
  secrets,
  logOf,
}: DnStage): Promise<{ broken: string[]; looked: string }> {
  const broken: string[] = [];
  let bytes = 0;
  for (const name of serviceNames) {
    const log = logOf(name);
    bytes += log.length;
    if (log.length === 0) broken.push(`${name} has logged nothing`);
    if (secrets.some((secret) => log.includes(secret))) broken.push(`a secret is in the log of ${name}`);
  }
  let tables = 0;
  for (const key of databases) {
    const db = new pg.Client({ connectionString: platform.superuserUrl(key) });
    await db.connect();
    try {
      for (const name of await everyTable(db)) {
        const { rows } = await db.query<{ n: number }>(
          `select count(*)::int as n from "${name}" t where t::text like any($1::text[])`,
          [secrets.map((secret) => `%${secret}%`)],
        );
        tables += 1;
        if (rows[0]?.n !== 0) broken.push(`a secret is in ${rows[0]?.n} rows of ${name} in ${key}`);
      }
    } finally {
      await db.end();
    }
  }
  return {
    broken,
    looked: `${secrets.length} secrets sought in ${(bytes / 1e6).toFixed(0)} MB of logs and ${tables} tables`,
  };
}
