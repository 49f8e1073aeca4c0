// `npm run soak -- <name>`: faults that take minutes, against processes and a broker of its own. See bench/src/soak/.
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureInstalled, requireNode, root, step } from './prepare.mjs';

requireNode();
await step('packages', ensureInstalled);
await step('build', ensureBuilt);
const { runSoak } = await import(pathToFileURL(`${root}bench/dist/soak/main.js`).href);
process.exitCode = await runSoak(process.argv.slice(2));
