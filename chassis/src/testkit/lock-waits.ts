import { setTimeout as delay } from 'node:timers/promises';
import { asSuperuser } from './database-templates.js';

const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

/**
 * Until so many sessions wait for locks in this database, not in another test's on the same server. By a connection of its
 * own: within a transaction PostgreSQL shows who was there when it was first asked.
 */
export async function untilLocksAwaited(superuserUrl: string, sessions = 1): Promise<void> {
  await asSuperuser(superuserUrl, async (client) => {
    while ((await client.query(waiting)).rows.length < sessions) await delay(5);
  });
}
