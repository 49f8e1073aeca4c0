import { migrateDatabase } from '@platen/chassis/db/migrate';

/** `npm run db:migrate`, the control plane's part: brings its database to the latest migration. */
const url = process.env['MIGRATE_CONTROL_DB_URL'];
if (!url) {
  console.error('MIGRATE_CONTROL_DB_URL: required, the URL of the control-plane database as its owner');
  process.exit(2);
}
try {
  await migrateDatabase({ url, kind: 'control', log: (message) => console.log(`control: ${message}`) });
} catch (error) {
  console.error(`control: failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
