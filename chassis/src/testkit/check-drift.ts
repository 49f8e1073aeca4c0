import { findDatabaseDrift, findPendingMigrations, findStaleDocument } from './drift.js';
import { startTestPostgres } from './postgres-server.js';

/**
 * `npm run check`, the part of the tables: declarations, migrations, a database migrated from nothing and docs/ERD.md
 * agree. Uses the server at TEST_POSTGRES_URL (superuser), else starts one for the moment.
 */
const given = process.env['TEST_POSTGRES_URL'];
const server = given ? undefined : await startTestPostgres();
const url = given ?? server?.url ?? '';
try {
  const findings = [
    ...(await findPendingMigrations()),
    ...(await findDatabaseDrift('control', url)),
    ...(await findDatabaseDrift('erp', url)),
    ...(await findDatabaseDrift('telemetry', url)),
    ...findStaleDocument(),
  ];
  for (const finding of findings) console.error(finding);
  if (findings.length > 0) process.exitCode = 1;
  else console.log('tables, migrations, a migrated database and docs/ERD.md agree');
} finally {
  await server?.stop();
}
