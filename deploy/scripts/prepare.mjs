// What every front-door command does first: the right Node, the packages of the lock file, a current build.
// Plain JavaScript without dependencies, because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const oldestNode = 20;

/** Prints one line and ends: a person who just cloned this needs the cause, not a stack. */
export function fail(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

export function requireNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < oldestNode) {
    fail(
      `Platen needs Node ${oldestNode} or newer; this is ${process.version}. Install it from nodejs.org or with your version manager.`,
    );
  }
}

/** Runs a command with its output shown only when it fails. */
export function run(label, command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20, ...options });
  if (result.error || result.status !== 0) {
    const output = `${result.stdout ?? ''}${result.stderr ?? ''}`.trim();
    fail(
      `${output}\n${label} failed${result.error ? `: ${result.error.message}` : ` with exit code ${result.status}`}`,
    );
  }
  return result.stdout;
}

const stampFile = `${root}node_modules/.platen-lock-sha256`;
const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');

const readOr = (file, fallback) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return fallback;
  }
};

/** `npm ci` unless node_modules came from this very lock file. No install script runs: `.npmrc` switches them all off. */
export function ensureInstalled() {
  const wanted = lockHash();
  if (readOr(stampFile, '') === wanted) return false;
  // An installation made by hand from the same lock file is as good.
  const listed = readOr(`${root}node_modules/.package-lock.json`, '');
  if (listed === '' || !sameVersions(listed)) run('npm ci', npm, ['ci', '--no-audit', '--no-fund']);
  writeFileSync(stampFile, wanted);
  return true;
}

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

function sameVersions(installedText) {
  const installed = JSON.parse(installedText).packages;
  const wanted = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version,
  );
}

/** The workspaces of package.json, as folders: one that is new is built and tested without a list to add it to. */
export function workspaces() {
  const { workspaces: patterns } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  return patterns
    .flatMap((pattern) => {
      if (!pattern.endsWith('/*')) return [pattern];
      const folder = pattern.slice(0, -2);
      return readdirSync(`${root}${folder}`).map((name) => `${folder}/${name}`);
    })
    .filter((folder) => existsSync(`${root}${folder}/package.json`));
}

/** Folders of sources and where their JavaScript goes. */
const compiled = [
  ...workspaces().map((folder) => ({ from: `${folder}/src`, to: `${folder}/dist` })),
  { from: 'sdk/examples', to: 'sdk/dist/examples' },
  { from: 'sdk/test/e2e', to: 'sdk/test/dist' },
].filter(({ from }) => existsSync(`${root}${from}`));

/**
 * TypeScript to JavaScript, file by file, without looking at types: a second instead of a minute. `npm run check` checks
 * the types, with `npm run build`, which writes the same JavaScript and the declarations.
 */
export async function ensureBuilt() {
  // Set by a test of the commands themselves: what others read at this moment is not written anew.
  if (process.env.PLATEN_BUILT) return;
  const folders = compiled.map(({ from, to }) => ({ from, to, sources: listSources(`${root}${from}`) }));
  const print = fingerprint(folders);
  if (readOr(buildStampFile, '') === print && folders.every(isComplete)) return;
  const { build } = await import('esbuild');
  for (const { from, to, sources } of folders) {
    removeLeftovers(`${root}${to}`, new Set(sources.map(compiledName)));
    await build({
      absWorkingDir: root,
      entryPoints: sources.map((file) => `${from}/${file}`),
      outbase: from,
      outdir: to,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: true,
      logLevel: 'error',
    });
  }
  writeFileSync(buildStampFile, print);
}

const buildStampFile = `${root}node_modules/.platen-build-sha256`;
const compiledName = (file) => file.replace(/\.ts$/, '.js');
const listSources = (folder) => listFiles(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
const isComplete = ({ to, sources }) => sources.every((file) => existsSync(`${root}${to}/${compiledName(file)}`));

/** Of names, sizes and times of change: reading them all costs milliseconds. */
function fingerprint(folders) {
  const hash = createHash('sha256');
  for (const { from, sources } of folders) {
    for (const file of sources) {
      const { size, mtimeMs } = statSync(`${root}${from}/${file}`);
      hash.update(`${from}/${file} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}

const listFiles = (folder) => (existsSync(folder) ? readdirSync(folder, { recursive: true }) : []);

/** The test of a source that is gone must not run on. */
function removeLeftovers(folder, wanted) {
  const nested = compiled
    .map(({ to }) => `${root}${to}`)
    .filter((other) => other !== folder && other.startsWith(folder));
  for (const file of listFiles(folder).filter((name) => name.endsWith('.js'))) {
    if (nested.some((other) => `${folder}/${file}`.startsWith(other))) continue;
    if (!wanted.has(file)) rmSync(`${folder}/${file}`);
  }
}

/** The whole build with types, and declarations for whoever imports a package. */
export function buildWithTypes() {
  run(
    'The build',
    process.execPath,
    [`${root}node_modules/turbo/bin/turbo`, 'run', 'build', '--output-logs=errors-only'],
    {
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    },
  );
}

/** Times a step and prints it as one line. */
export async function step(label, work) {
  const started = performance.now();
  const result = await work();
  process.stdout.write(`  ${label.padEnd(46)} ${((performance.now() - started) / 1000).toFixed(2)} s\n`);
  return result;
}
