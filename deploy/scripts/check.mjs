// `npm run check`: everything that can be said of the sources without running the product. Seconds; CI runs it first.
import { readFileSync } from 'node:fs';
import { findBrokenReferences } from './docs-references.mjs';
import { buildWithTypes, ensureInstalled, fail, requireNode, root, run, step } from './prepare.mjs';

requireNode();
const bin = (path) => `${root}node_modules/${path}`;
const read = (path) => readFileSync(`${root}${path}`, 'utf8');
const node = (label, ...args) => run(label, process.execPath, args);

await step('packages', ensureInstalled);
await step('format and lint', () =>
  node(
    'Biome',
    bin('@biomejs/biome/bin/biome'),
    'ci',
    '--error-on-warnings',
    '--colors=off',
    '--max-diagnostics=10',
    '.',
  ),
);
await step('types', buildWithTypes);
await step('who imports whom', () =>
  node(
    'dependency-cruiser',
    bin('dependency-cruiser/bin/dependency-cruise.mjs'),
    '--config',
    '.dependency-cruiser.mjs',
    'schema/src',
    'chassis/src',
    'sdk/src',
    'control-plane/src',
    'data-plane/src',
    'workers/erp-worker/src',
    'workers/telemetry-worker/src',
    'deploy/deconetwork-site/src',
    'deploy/demo/src',
    'deploy/helm/src',
    'deploy/images/src',
    'deploy/monitoring/src',
    'deploy/proxy/src',
    'deploy/tenant-archive/src',
    'bench/src',
  ),
);
await step('SDK size', () => process.stdout.write(node('The size of the SDK', 'sdk/dist/build/print-size.js')));
await step('SDK table fresh', () => node('The SDK table', 'sdk/dist/generate.js', '--check'));
await step('reference pages fresh', () => node('The reference pages', 'schema/dist/generate-reference.js', '--check'));
await step('configuration page fresh', () =>
  node('The configuration page', 'deploy/scripts/generate-configuration.mjs', '--check'),
);
await step('reliability page fresh', () => node('The reliability page', 'deploy/scripts/reliability.mjs', '--check'));
await step('docs name what is there', docsNameWhatIsThere);
await step('tables, migrations, database, ERD agree', () =>
  node('The drift check', 'chassis/dist/testkit/check-drift.js'),
);
await step('environment read in one place', onlyConfigReadsTheEnvironment);
await step('advisory locks named in one place', onlyOneTableNamesLocks);
await step('lock file and minimum versions', lockFile);
process.stdout.write('check: clean\n');

function onlyConfigReadsTheEnvironment() {
  const found = run('git grep', 'sh', [
    '-c',
    "git grep -n 'process\\.env' -- 'control-plane/src' 'data-plane/src' 'workers/*/src' 'chassis/src' | grep -vE '^[^:]*(/config\\.ts|/main\\.ts|/(migrate|seed(-scale|-telemetry)?)\\.ts|\\.test\\.ts|/testkit/|/test/|/embedded-postgres/|/service-process/)[^:]*:' || true",
  ]);
  if (found.trim() !== '') fail(`process.env outside a service's configuration:\n${found}`);
}

/** A name outside the table could be one that is in it. */
function onlyOneTableNamesLocks() {
  const found = run('git grep', 'sh', [
    '-c',
    "git grep -n \"hashtextextended('\" -- 'control-plane/src' 'data-plane/src' 'chassis/src' | grep -vE '^(chassis/src/db/advisory-locks|[^:]*\\.test)\\.ts:' || true",
  ]);
  if (found.trim() !== '') fail(`A lock that schema/src/advisory-locks.ts does not name:\n${found}`);
}

function docsNameWhatIsThere() {
  const broken = findBrokenReferences(root);
  if (broken.length > 0) fail(`The docs name what does not exist:\n${broken.join('\n')}`);
}

/** No download address in the lock file, and nothing older than the version that answers an advisory. */
function lockFile() {
  const lock = read('package-lock.json');
  const address = /"resolved": *"https?:[^"]*"/.exec(lock);
  if (address) fail(`package-lock.json carries a download address: ${address[0]}`);
  const { packages } = JSON.parse(lock);
  // npm leaves out what its registry did not have at that moment, and `npm ci` then refuses the file on every machine.
  for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const name of Object.keys(optionalDependencies)) {
      const listed = Object.keys(packages).some((other) => other.endsWith(`node_modules/${name}`));
      if (!listed) fail(`package-lock.json lacks ${name}, which ${path} names; make it anew without node_modules`);
    }
  }
  for (const { name, minimum, advisory } of JSON.parse(read('deploy/minimum-versions.json')).packages) {
    for (const [path, entry] of Object.entries(packages)) {
      if (!entry.dev && path.endsWith(`node_modules/${name}`) && isOlder(entry.version, minimum)) {
        fail(`${path} is ${entry.version}, older than ${minimum} (${advisory})`);
      }
    }
  }
}

function isOlder(version, minimum) {
  const parts = (text) => text.split('-')[0].split('.').map(Number);
  const [a, b] = [parts(version), parts(minimum)];
  const at = a.findIndex((part, i) => part !== b[i]);
  return at !== -1 && a[at] < b[at];
}
