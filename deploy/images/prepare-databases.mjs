// What the migrate image does: every database to the latest migration, then the seeds of the control plane. A step that fails ends
// it; all of it may be run again, and twice at once.
//   prepare-databases.mjs [migrate|seed]   one of the two only
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const steps = {
  migrate: ['control-plane/dist/migrate.js', 'data-plane/dist/migrate.js'],
  seed: ['control-plane/dist/seed.js'],
};
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(steps);
for (const name of wanted) {
  if (!Object.hasOwn(steps, name)) {
    process.stderr.write(`${name}: neither migrate nor seed\n`);
    process.exit(2);
  }
}
for (const script of wanted.flatMap((name) => steps[name])) {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { status, signal } = spawnSync(process.execPath, [file], { stdio: 'inherit' });
  if (status !== 0) {
    process.stderr.write(`${script} ended with ${signal ?? `exit code ${status}`}\n`);
    process.exit(status ?? 1);
  }
}
