// `npm test`: installs what is missing, builds, starts what the tests need, runs every compiled test file with tap
// and closes with the plain line `N passed, N failed`.
//
//   npm test                     everything
//   npm test -- feed pricing     only the files whose path contains one of these words
//   npm test -- --no-build       of what was built last
//   npm test -- --list feed      names the files, and runs none
//   npm test -- --one-by-one     a process for each file; else short ones share some
//   npm test -- --as-shipped     the compiled files one by one, as services run them, instead of bundles: the same tests, slower
//   REQUIRE_SERVICES=postgres,redis  a skip for want of one of these services fails the run
import { spawn } from 'node:child_process';
import { generateKeyPair } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { cpus } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { bundleTests, removeBundles, runsTestFiles } from './bundle-tests.mjs';
import { ensureBuilt, ensureInstalled, fail, requireNode, root, step, workspaces } from './prepare.mjs';

requireNode();
const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const required = (process.env.REQUIRE_SERVICES ?? '')
  .split(',')
  .map((name) => name.trim())
  .filter(Boolean);
const fileTimeoutMs = 240_000;
/** What a process of several files takes: long enough to be worth its start, short enough to leave no core idle at the end. */
const groupSeconds = 60;
const timesFile = `${root}node_modules/.platen-test-seconds.json`;
const times = readTimes();

if (process.argv.includes('--list')) {
  const found = findTests();
  await new Promise((resolve) => process.stdout.write(found.map((file) => `${file}\n`).join(''), resolve));
  process.exit(found.length === 0 ? 1 : 0);
}
await step('packages', ensureInstalled);
if (!process.argv.includes('--no-build')) await step('build', ensureBuilt);

const { Parser } = await import('tap-parser');
const files = findTests();
if (files.length === 0) fail('No test file matches.');
const [bundles, services] = await Promise.all([
  process.argv.includes('--as-shipped') ? null : step('bundles', () => bundleTests(files)),
  step('services', startServices),
]);

const startedAt = performance.now();
const totals = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const skips = [];
try {
  await inParallel(groupFiles(), cpus().length + spareLanes(), runGroup);
} finally {
  await services.stop();
}
report();

function findTests() {
  const found = workspaces()
    .flatMap((name) => listTests(`${root}${name}/dist`))
    .map((file) => relative(root, file))
    .sort();
  const wanted = words.length === 0 ? found : found.filter((file) => words.some((word) => file.includes(word)));
  return wanted.sort((a, b) => secondsOf(b) - secondsOf(a));
}

/** The longest first, so that the short ones fill the gaps at the end: as long as last time, or as its kind takes. */
function secondsOf(file) {
  const known = times[file];
  if (known !== undefined) return known;
  if (file.startsWith('sdk/test'))
    return /two-by-two|faults|rotation|security|isolation|tenant-life|browser|exactly-once/.test(file) ? 30 : 15;
  if (/engine\/(lint|receipts)|erp-worker\/dist\/worker|sequencer/.test(file)) return 10;
  if (!file.endsWith('.db.test.js')) return 1;
  return file.startsWith('control-plane') ? 5 : 3;
}

function readTimes() {
  try {
    return JSON.parse(readFileSync(timesFile, 'utf8'));
  } catch {
    return {};
  }
}

function listTests(dist) {
  if (!existsSync(dist)) return [];
  const names = readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.test.js'));
  return names.map((name) => `${dist}/${name}`);
}

async function startServices() {
  const postgres = process.env.TEST_POSTGRES_URL ? null : await startPostgres();
  const url = process.env.TEST_POSTGRES_URL ?? postgres?.url;
  const [kafka, timescaledb] = await Promise.all([startKafka(), startTimescaledb(), url && prepare(url)]);
  const env = {
    TEST_RSA_KEYS: JSON.stringify(await makeRsaKeys()),
    ...(url && { TEST_POSTGRES_URL: url }),
    ...(kafka && { KAFKA_TEST_BROKERS: kafka.brokers.join(',') }),
    ...(timescaledb && { TEST_TIMESCALEDB_URL: timescaledb.url }),
  };
  return { env, stop: () => Promise.all([postgres?.stop(), kafka?.stop(), timescaledb?.stop()]) };
}

/** A second server, one for all files that name it. One that is given has to be prepared all the same. */
async function startTimescaledb() {
  if (!files.some((file) => /telemetryEngines|timescaledb/i.test(readFileSync(`${root}${file}`, 'utf8')))) return null;
  const { timescaledbIsMissing, startTestTimescaledb } = await import(
    pathToFileURL(`${root}chassis/dist/testkit/timescaledb-server.js`).href
  );
  if (timescaledbIsMissing) return null;
  const given = process.env.TEST_TIMESCALEDB_URL;
  const server = given ? { url: given, stop: () => undefined } : await startTestTimescaledb();
  await prepare(server.url, ['telemetry']);
  return server;
}

/** One for all files that are named for it: starting one costs seconds. */
async function startKafka() {
  if (process.env.KAFKA_TEST_BROKERS || !files.some((file) => file.includes('kafka'))) return null;
  const { kafkaIsMissing, startTestKafka } = await import(
    pathToFileURL(`${root}chassis/dist/testkit/kafka-server.js`).href
  );
  return kafkaIsMissing ? null : startTestKafka();
}

/** See makeRsaKey in the test kit. */
function makeRsaKeys() {
  const make = async () => {
    const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
    return privateKey.export({ type: 'pkcs8', format: 'pem' });
  };
  return Promise.all(Array.from({ length: 8 }, make));
}

/** The templates that each test's database is cloned from: migrated once, here. */
async function prepare(url, kinds) {
  const { prepareTemplates } = await import(pathToFileURL(`${root}chassis/dist/testkit/database-templates.js`).href);
  await prepareTemplates(url, kinds);
}

async function startPostgres() {
  try {
    const { startTestPostgres } = await import(pathToFileURL(`${root}chassis/dist/testkit/postgres-server.js`).href);
    return await startTestPostgres();
  } catch (error) {
    if (required.includes('postgres')) fail(`PostgreSQL is required and did not start: ${error.message}`);
    process.stdout.write(`  PostgreSQL did not start (${error.message}); its tests are skipped\n`);
    return null;
  }
}

/**
 * Files of one package together, as they share what they import; those that name the same platform too, however long they
 * take, in the same order in each run. The longest first, as in `findTests`.
 */
function groupFiles() {
  const groups = [];
  const open = new Map();
  for (const file of files) {
    const platform = platformOf(file);
    const place = platform ?? file.split('/dist/')[0];
    const seconds = secondsOf(file);
    const isAlone = platform === undefined && runsAlone(file);
    const last = open.get(place);
    if (last && !isAlone && (platform !== undefined || last.seconds + seconds <= groupSeconds)) {
      last.files.push(file);
      last.seconds += seconds;
    } else {
      const group = { files: [file], seconds };
      if (!isAlone) open.set(place, group);
      groups.push(group);
    }
    if (platform !== undefined) open.get(place).files.sort();
  }
  return groups.sort((a, b) => b.seconds - a.seconds).map((group) => group.files);
}

/** What `sharedPlatform` of the tests of the whole is called with: started once for all files of a process. */
function platformOf(file) {
  if (!bundles || process.argv.includes('--one-by-one') || !file.startsWith('sdk/test')) return undefined;
  const [, name] = /\bsharedPlatform\(\w+, ['"](\w+)['"]\)/.exec(readFileSync(`${root}${file}`, 'utf8')) ?? [];
  return name;
}

/** The tests of the whole, which are long, and what starts processes and threads or does something with its own. */
function runsAlone(file) {
  if (!bundles || process.argv.includes('--one-by-one') || file.startsWith('sdk/test')) return true;
  const touches =
    /\bprocess\.(env|exit|on|once|kill|chdir|emit|cpuUsage|memoryUsage)\b|node:(child_process|worker_threads)/;
  return touches.test(readFileSync(`${root}${file}`, 'utf8'));
}

async function runGroup(group) {
  const waiting = await (group.length === 1 ? runAlone(group[0]) : runTogether(group));
  if (waiting.length > 0) await runGroup(waiting);
}

async function runAlone(file) {
  const turn = { file, leaves: { count: 0, failed: 0 }, started: performance.now() };
  const parser = new Parser();
  collect(parser, file, turn.leaves);
  const child = startProcess(bundles ? `${bundles}/${file}` : file, { TAP_TIMEOUT: String(fileTimeoutMs / 1000 - 10) });
  const { problem, stderr, ok } = await child.read(parser);
  finishFile(turn, ok ? undefined : problem, stderr);
  return [];
}

/** Answers the files whose turn did not come because the process died in one before them. */
async function runTogether(group) {
  const parser = new Parser();
  const waiting = new Set(group);
  let turn;
  const next = (file) => {
    turn = { file, leaves: { count: 0, failed: 0 }, started: performance.now() };
  };
  next(group[0]);
  parser.on('child', (subtests) => {
    next(subtests.name);
    waiting.delete(turn.file);
    collect(subtests, turn.file, turn.leaves);
  });
  const child = startProcess(`${bundles}/${runsTestFiles}.js`, {
    TEST_FILES: JSON.stringify({ files: group, timeoutMs: fileTimeoutMs - 10_000 }),
    TAP_TIMEOUT: String((group.length * fileTimeoutMs) / 1000),
  });
  parser.on('assert', ({ ok }) => {
    // Of a process that died between two files: said below.
    if (turn === undefined) return;
    finishFile(turn, ok ? undefined : 'not ok', '');
    turn = undefined;
    child.waitLonger();
  });
  const { problem, stderr, ok } = await child.read(parser);
  if (turn) {
    waiting.delete(turn.file);
    finishFile(turn, problem, stderr);
  } else if (!ok && failures.every(({ file }) => !group.includes(file))) {
    addFailure(group.at(-1), `${problem} after the last test of ${group.join(', ')}`, stderr);
  }
  return [...waiting];
}

function startProcess(script, env) {
  // Without --enable-source-maps, which took up to two seconds a file: the report translates what failed.
  const child = spawn(process.execPath, [script], {
    cwd: root,
    env: {
      ...process.env,
      ...services.env,
      ...(bundles && { TEST_BUNDLES: `${root}${bundles}` }),
      NODE_ENV: 'test',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stderr = [];
  child.stderr.on('data', (chunk) => stderr.push(chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), fileTimeoutMs);
  return {
    waitLonger: () => timer.refresh(),
    async read(parser) {
      const done = new Promise((resolve) => parser.on('complete', resolve));
      child.stdout.pipe(parser);
      const [code, signal] = await new Promise((resolve) => child.on('close', (...result) => resolve(result)));
      const results = await done;
      clearTimeout(timer);
      return {
        ok: code === 0 && results.ok,
        problem: signal ? `ended by ${signal} (limit ${fileTimeoutMs / 1000} s)` : `exit code ${code}`,
        stderr: Buffer.concat(stderr),
      };
    },
  };
}

function finishFile({ file, leaves, started }, problem, stderr) {
  const seconds = (performance.now() - started) / 1000;
  // A file that dies outside a test point, or tests nothing, is a failure too.
  if (problem && leaves.failed === 0) addFailure(file, problem, stderr);
  if (!problem && leaves.count === 0) addFailure(file, 'no test in this file', '');
  if (!problem) times[file] = Number(seconds.toFixed(1));
  process.stdout.write(`  ${problem ? 'FAIL' : 'ok  '} ${file.padEnd(72)} ${seconds.toFixed(1)} s\n`);
  // Here too, without details: a long run says what is wrong when it is known.
  for (const failure of failures) if (failure.file === file) process.stdout.write(`       ${failure.name}\n`);
}

function addFailure(file, name, diagnostics) {
  totals.failed += 1;
  failures.push({ file, name, diagnostics: String(diagnostics).slice(-4000) });
}

/** Counts the leaves: a test point that only closes a subtest is not a test. */
function collect(parser, file, leaves) {
  parser.on('child', (child) => collect(child, file, leaves));
  parser.on('comment', (comment) => {
    if (comment.startsWith('# measured:')) process.stdout.write(`       ${comment.trim().slice(2)}\n`);
  });
  parser.on('assert', (assert) => {
    if (assert.closingTestPoint) return;
    leaves.count += 1;
    if (assert.skip) countSkip(file, assert);
    else if (assert.ok) totals.passed += 1;
    else {
      leaves.failed += 1;
      addFailure(file, assert.fullname || assert.name, JSON.stringify(assert.diag ?? {}, null, 2));
    }
  });
}

function countSkip(file, { name, skip }) {
  totals.skipped += 1;
  skips.push(`${file}: ${name} (${skip})`);
  const service = required.find((word) => String(skip).toLowerCase().includes(word));
  if (service) addFailure(file, `skipped although ${service} is required: ${name}`, '');
}

/** Many wait; but a broker and a second server want processors too, and a plane's statement has a quarter of a second. */
function spareLanes() {
  return services.env.KAFKA_TEST_BROKERS || services.env.TEST_TIMESCALEDB_URL ? 1 : 2;
}

async function inParallel(items, width, work) {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: Math.min(width, queue.length) }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
    }),
  );
}

function report() {
  for (const { file, name, diagnostics } of failures) {
    process.stdout.write(`\nFAILED ${file}\n  ${name}\n${inSources(diagnostics)}\n`);
  }
  if (failures.length === 0) writeFileSync(timesFile, JSON.stringify(times));
  for (const skip of skips) process.stdout.write(`skipped: ${skip}\n`);
  if (bundles) removeBundles(bundles);
  process.stdout.write(
    `\n${files.length} files in ${((performance.now() - startedAt) / 1000).toFixed(1)} s${cpuSeconds()}\n`,
  );
  process.stdout.write(
    `${totals.passed} passed, ${totals.failed} failed${totals.skipped ? `, ${totals.skipped} skipped` : ''}\n`,
  );
  process.exit(totals.failed === 0 ? 0 : 1);
}

/** Of all that we started and that has ended: what a run takes on a machine with nothing else to do, times its cores. */
function cpuSeconds() {
  if (process.platform !== 'linux') return '';
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const ticks = Number(fields[13]) + Number(fields[14]);
  return `, ${(ticks / 100).toFixed(0)} s of processors`;
}

/** Places in compiled files as places in the sources that they were compiled from. */
function inSources(text) {
  return text.replace(/([\w./-]+\/[\w./-]+\.js):(\d+):(\d+)/g, (place, file, line, column) => {
    const compiled = file.startsWith('/') ? file : `${root}${file}`;
    if (!existsSync(`${compiled}.map`)) return place;
    const map = new SourceMap(JSON.parse(readFileSync(`${compiled}.map`, 'utf8')));
    const { originalSource, originalLine, originalColumn } = map.findEntry(Number(line) - 1, Number(column) - 1);
    if (originalSource === undefined) return place;
    const source = relative(root, resolve(dirname(compiled), originalSource));
    return `${source}:${originalLine + 1}:${originalColumn + 1}`;
  });
}
