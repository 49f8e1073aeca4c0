// `npm run demo`: from a fresh clone to a served product. See deploy/demo.
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureInstalled, requireNode, root, step } from './prepare.mjs';

requireNode();
await step('packages', ensureInstalled);
await step('build', ensureBuilt);
const { runDemo } = await import(pathToFileURL(`${root}deploy/demo/dist/main.js`).href);
await runDemo(process.argv.slice(2));
