// Writes docs/configuration.md from the services' configuration schemas; with --check it says whether the page is stale.
// It reads what was built: `npm run build` first.
import { readFileSync, writeFileSync } from 'node:fs';
import { KeysEnvironment as controlCommands } from '../../control-plane/dist/commands/config.js';
import { Environment as controlPlane } from '../../control-plane/dist/config.js';
import { SeedEnvironment as seeds } from '../../control-plane/dist/seed/config.js';
import { Environment as dataPlane } from '../../data-plane/dist/config.js';
import { modules } from '../../schema/dist/modules.js';
import { Environment as erpWorker } from '../../workers/erp-worker/dist/config.js';
import { Environment as telemetryWorker } from '../../workers/telemetry-worker/dist/config.js';

const services = [
  ['Control plane', '`npm run start:control`', controlPlane],
  ['Data plane', '`npm run start:data`', dataPlane],
  ['erp-worker', '`npm run start:workers`', erpWorker],
  ['telemetry-worker', '`npm run start:telemetry-worker`', telemetryWorker],
  ["Control plane's seeds", '`node control-plane/dist/seed.js`, a part of `npm run db:seed`', seeds],
  [
    "Control plane's commands",
    '`npm run keys` and, of these the URL alone, `npm run audit` and `npm run platform:admin`',
    controlCommands,
  ],
];

/** Read by commands that have no schema: each line names the source, which the page's check reads again. */
const byHand = [
  ['MIGRATE_CONTROL_DB_URL', 'control-plane/src/migrate.ts', 'The control-plane database as its owner'],
  [
    'MIGRATE_DB_CATALOG',
    'data-plane/src/migrate.ts',
    'The databases of the catalogue as their owner: JSON, or the path of a file with it. `{"<key>": {"url": …, "kind": "erp"}}`, or `"telemetry"`',
  ],
  [
    'DATA_DB_CATALOG',
    'data-plane/src/seed.ts',
    'Demo data is written with it, as `platen_app`; with artwork if `STORAGE_PROVIDER` or `STORAGE_LOCAL_DIR` is set too',
  ],
  [
    'TEST_POSTGRES_URL',
    'deploy/scripts/test.mjs',
    "A superuser's URL: `npm test` uses this server instead of starting one",
  ],
  [
    'TEST_TIMESCALEDB_URL',
    'deploy/scripts/test.mjs',
    "A superuser's URL: `npm test` uses this server, which has TimescaleDB in `shared_preload_libraries`, instead of starting one",
  ],
  [
    'TIMESCALEDB_TEST_DIR',
    'chassis/src/testkit/timescaledb-server.ts',
    'Where `npm run timescaledb:install` puts a server with TimescaleDB, and tests find it; when it is not set, a folder in the cache of CI',
  ],
  [
    'KAFKA_TEST_BROKERS',
    'deploy/scripts/test.mjs',
    '`host:port`: `npm test` uses this broker, under prefixes of its own, instead of starting one',
  ],
  [
    'KAFKA_TEST_DIR',
    'deploy/scripts/kafka-jars.mjs',
    'Where `npm run kafka:install` puts the jars of a broker, and tests find them; when it is not set, a folder in the cache of CI',
  ],
  [
    'REQUIRE_SERVICES',
    'deploy/scripts/test.mjs',
    'Names separated by commas, e.g. `postgres,redis`: a test skipped for want of one fails `npm test`',
  ],
];

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

function durationText(ms) {
  const [unit, factor] = units.find(([, size]) => ms >= size && ms % size === 0) ?? ['ms', 1];
  return `${ms / factor}${unit}`;
}

function defaultText(field, isRequired) {
  if (field.developmentDefault !== undefined) return 'in development only';
  if (field.default === undefined) return isRequired ? '**required**' : 'none';
  if (field.envSyntax === 'duration') return `\`${durationText(field.default)}\``;
  const text = String(field.default);
  return text === '' ? 'empty' : `\`${text}\``;
}

function kindText(field) {
  if (field.isSecret) return field.minLength > 1 ? `secret, ${field.minLength} characters or more` : 'secret';
  if (field.enum) return field.enum.map((value) => `\`${value}\``).join(' ');
  if (field.envSyntax === 'duration') return 'duration';
  if (field.envSyntax === 'list') return field.items.type === 'integer' ? 'integers' : 'list';
  if (field.type === 'integer' || field.type === 'number') return `${field.type}${rangeText(field)}`;
  return 'text';
}

const rangeText = ({ minimum, maximum }) =>
  maximum === undefined ? `, from ${minimum}` : `, ${minimum} to ${maximum}`;
const row = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
const table = (head, rows) => row(head) + row(head.map(() => '---')) + rows.map(row).join('');

function section([title, command, schema]) {
  const required = new Set(schema.required);
  const rows = Object.entries(schema.properties).map(([name, field]) => {
    if (!field.description) throw new Error(`${title}: ${name} has no description`);
    return [`\`${name}\``, kindText(field), defaultText(field, required.has(name)), field.description];
  });
  return `## ${title}\n\n${command}\n\n${table(['variable', 'kind', 'default', 'meaning'], rows)}`;
}

function commands() {
  const rows = byHand.map(([name, source, meaning]) => {
    if (!read(source).includes(name)) throw new Error(`${source} does not read ${name}`);
    return [`\`${name}\``, `\`${source}\``, meaning];
  });
  return `## Commands\n\n${table(['variable', 'read by', 'meaning'], rows)}`;
}

function flags() {
  const rows = Object.entries(modules)
    .filter(([, { featureFlag }]) => featureFlag)
    .map(([code, { featureFlag }]) => [`\`${featureFlag}\``, `\`${code}\``]);
  return `## Feature flags

Read by the data plane. \`false\`, \`0\` or \`off\` switches a module off for the whole installation: its endpoints answer 404
\`feature_disabled\`. Unset, or anything else, leaves it on.

${table(['variable', 'module'], rows)}`;
}

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const page = `<!-- Generated from the services' configuration schemas by \`npm run docs:generate\`; edits are lost. -->

# Configuration

Services are configured by environment variables, and by nothing else. Each reads them once at start, in its \`config.ts\`, and
checks them all: a service that cannot start names every variable that is wrong, one a line, and ends.

- An empty variable counts as unset.
- A duration is written \`250ms\`, \`15s\`, \`10m\`, \`24h\` or \`7d\`; a list has commas between its items.
- A secret never appears in an error. Where its default is "in development only", \`NODE_ENV=production\` refuses to start
  without a value, and on the development default itself.
- \`npm run demo\` sets all of this by itself (\`deploy/demo/src/platform.ts\`); its own options are in \`npm run demo -- --help\`.

${[...services.map(section), commands(), flags()].join('\n')}`;

const file = new URL('../../docs/configuration.md', import.meta.url);
if (!process.argv.includes('--check')) writeFileSync(file, page);
else if (read('docs/configuration.md') !== page) {
  process.stderr.write('docs/configuration.md is stale: run npm run docs:generate\n');
  process.exitCode = 1;
}
