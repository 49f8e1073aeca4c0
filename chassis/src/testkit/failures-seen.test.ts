import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t from 'tap';

// What `npm test` makes of errors that nobody awaits: each fails the file that it is in, alone and among others.
const root = fileURLToPath(new URL('../../../', import.meta.url));
const { bundleTests, removeBundles, runsTestFiles } = await import(`${root}deploy/scripts/bundle-tests.mjs`);

const wait = 'await new Promise((resolve) => setTimeout(resolve, 20));';
// Each passes what it asserts and throws besides: that the file fails all the same is what the tests below assert of it.
const planted: Readonly<Record<string, string>> = {
  'timer throws': `t.test('test', async (t) => { setTimeout(() => { throw new Error('planted'); }); ${wait} t.pass(); });`,
  'rejection unseen': `t.test('test', async (t) => { Promise.reject(new Error('planted')); ${wait} t.pass(); });`,
  'nothing thrown': `t.test('test', async (t) => { Promise.reject(undefined); ${wait} t.pass(); });`,
  'deep inside': `t.test('test', (t) => { t.test('inner', async (t) => { ${wait} queueMicrotask(() => { throw new Error('planted'); }); ${wait} t.pass(); }); t.end(); });`,
  'before the last of many': `t.test('first', async (t) => { setTimeout(() => { throw new Error('planted'); }); ${wait} t.pass(); }); t.test('second', async (t) => t.pass());`,
  'after its test': `t.test('first', async (t) => { setTimeout(() => { throw new Error('planted'); }, 10); t.pass(); }); t.test('second', async (t) => { ${wait} t.pass(); });`,
  'outside of tests': `t.pass(); setTimeout(() => { throw new Error('planted'); }); ${wait} t.pass();`,
  'while it is read': `t.pass(); throw new Error('planted');`,
  'in a teardown': `t.teardown(async () => { throw new Error('planted'); }); t.pass();`,
};
const good = `t.test('test', async (t) => { const kept = Promise.reject(new Error('seen')); await t.rejects(kept, /seen/); ${wait} t.pass(); });`;
const listens = `t.test('test', async (t) => { let seen; process.once('unhandledRejection', (error) => { seen = error; }); Promise.reject(new Error('planted')); ${wait} t.match(seen, /planted/); });`;

const contents = { first: good, ...planted, listens, last: good };
const files = Object.fromEntries(
  Object.entries(contents).map(([name, body]) => [`${name}.js`, `import t from 'tap';\n${body}\n`]),
);
const folder = path.relative(root, t.testdir(files));
const paths = Object.keys(files).map((name) => path.join(folder, name));
const bundles: string = await bundleTests(paths);
t.teardown(() => removeBundles(bundles));

async function run(script: string, env: NodeJS.ProcessEnv): Promise<{ output: string; code: number }> {
  const child = spawn(process.execPath, [script], {
    cwd: root,
    env: { ...process.env, TEST_BUNDLES: path.join(root, bundles), ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { output, code };
}

t.test('of files in one process', async (t) => {
  const { output, code } = await run(`${bundles}/${runsTestFiles}.js`, {
    TEST_FILES: JSON.stringify({ files: paths, timeoutMs: 30_000 }),
  });
  t.equal(code, 1);
  // tap says twice of some that they failed.
  const filesThatAre = (how: string) => [
    ...new Set([...output.matchAll(new RegExp(`^${how} \\d+ - .*/(.+?)\\.js`, 'gm'))].map(([, name]) => name)),
  ];
  t.same(filesThatAre('not ok'), Object.keys(planted));
  t.same(filesThatAre('ok'), ['first', 'listens', 'last']);
});

for (const name of ['timer throws', 'rejection unseen', 'after its test', 'while it is read']) {
  t.test(`alone: ${name}`, async (t) => {
    const { output, code } = await run(`${bundles}/${path.join(folder, name)}.js`, {});
    t.equal(code, 1);
    t.match(output, /^ *not ok \d+ - planted/m);
  });
}
