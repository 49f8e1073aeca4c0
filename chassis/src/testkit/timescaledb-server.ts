import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestPostgres } from './postgres-server.js';

/** Where `npm run timescaledb:install` puts a server that has the extension: `native/`, like npm's. */
const timescaledbFolder =
  process.env['TIMESCALEDB_TEST_DIR'] || fileURLToPath(new URL('../../../.ci/cache/timescaledb', import.meta.url));

/** For tap's `skip`: false where a server with TimescaleDB is, or can be started. */
export const timescaledbIsMissing: string | false =
  process.env['TEST_TIMESCALEDB_URL'] || existsSync(path.join(timescaledbFolder, 'installed'))
    ? false
    : 'TimescaleDB is not there: npm run timescaledb:install';

const settings = {
  shared_preload_libraries: 'timescaledb',
  // It would tell its makers of its use.
  'timescaledb.telemetry_level': 'off',
  // We have no jobs of its scheduler, which would hold a connection to each database, templates included.
  'timescaledb.max_background_workers': '0',
};

/** As `startTestPostgres`; a database of it has the extension once it is created there. */
export function startTestTimescaledb(): Promise<{ url: string; stop(): Promise<void> }> {
  if (timescaledbIsMissing !== false) throw new Error(timescaledbIsMissing);
  return startTestPostgres(settings, path.join(timescaledbFolder, 'native'));
}
