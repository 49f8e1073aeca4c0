// `npm run reliability`: every soak of docs/reliability.md, which it fills in. See bench/src/reliability/.
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureInstalled, requireNode, root, step } from './prepare.mjs';

requireNode();
const args = process.argv.slice(2);
// `npm run check` asks with --check, of what it has just built.
if (!args.includes('--check')) {
  await step('packages', ensureInstalled);
  await step('build', ensureBuilt);
}
const { runReliability } = await import(pathToFileURL(`${root}bench/dist/reliability/main.js`).href);
process.exitCode = await runReliability(args);
