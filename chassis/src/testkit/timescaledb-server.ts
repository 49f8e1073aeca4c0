import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestPostgres } from './postgres-server.js';

/** Where `npm run timescaledb:install` puts a server that has the extension: `native/`, like npm's. */
const timescaledbFolder =
  process.env['TIMESCALEDB_TEST_DIR'] || fileURLToPath(new URL('../../../.ci/cache/timescaledb', import.meta.url));

/** A server that has it already, as its superuser; it has to be in `shared_preload_libraries` there. */
const givenUrl = process.env['TIMESCALEDB_TEST_URL'] || undefined;

/** For tap's `skip`: false where a server with TimescaleDB can be started. */
export const timescaledbIsMissing: string | false =
  givenUrl !== undefined || existsSync(path.join(timescaledbFolder, 'installed'))
    ? false
    : 'TimescaleDB is not there: npm run timescaledb:install';

const settings = {
  shared_preload_libraries: 'timescaledb',
  // It tells its makers of its use, unless told not to.
  'timescaledb.telemetry_level': 'off',
  // One a database for its scheduler and one a job; tests have many databases and no jobs.
  'timescaledb.max_background_workers': '8',
  max_worker_processes: '32',
};

/** As `startTestPostgres`; a database of it has the extension once it is created there. */
export function startTestTimescaledb(): Promise<{ url: string; stop(): Promise<void> }> {
  if (timescaledbIsMissing !== false) throw new Error(timescaledbIsMissing);
  if (givenUrl !== undefined) return Promise.resolve({ url: givenUrl, stop: () => Promise.resolve() });
  return startTestPostgres(settings, path.join(timescaledbFolder, 'native'));
}
