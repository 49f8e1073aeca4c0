// `npm run bench`: the rows of docs/performance.md, each beside its limit or peer in one run. See bench/.
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureInstalled, requireNode, root, step } from './prepare.mjs';

requireNode();
await step('packages', ensureInstalled);
await step('build', ensureBuilt);
const { runBench } = await import(pathToFileURL(`${root}bench/dist/main.js`).href);
process.exitCode = await runBench(process.argv.slice(2));
