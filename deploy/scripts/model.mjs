// `npm run model`: random calls by many people against a second reading of orders, payments, stock, purchasing and
// production (data-plane/src/test/model/), on a database of its own.
//
//   npm run model                             5,000 steps one after the other, 2,000 calls at once
//   npm run model -- --steps 20000 --seed 7   the same sequences again, and more of them
//   npm run model -- --together 0             one after the other only
import { spawn } from 'node:child_process';
import { ensureBuilt, ensureInstalled, requireNode, root, step } from './prepare.mjs';

requireNode();
await step('packages', ensureInstalled);
await step('build', ensureBuilt);
const model = spawn(process.execPath, [`${root}data-plane/dist/test/model/main.js`, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, NODE_ENV: 'test' },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => model.kill(signal));
model.once('exit', (code) => process.exit(code ?? 1));
