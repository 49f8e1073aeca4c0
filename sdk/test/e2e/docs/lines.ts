import { elsewhere, type Line, lists, parses, reads, run } from './how.js';

const noEvent = '01930000-0000-7000-8004-000000000001';
const ciInstalls = (name: string) => ({ '.ci/run': name });

/**
 * How each command of the pages is run; what runs here does so in this order. `docs.test.ts` holds the list to the pages: none
 * lacks a line, no line lacks a command.
 */
export const lines: readonly Line[] = [
  // What CI does first.
  elsewhere('npm ci && npm run build', {
    '.ci/run': 'npm ci',
    'deploy/scripts/prepare.mjs': "'run', 'build'",
  }),
  elsewhere('npm test', ciInstalls('npm test')),
  elsewhere('npm run check', ciInstalls('npm run --silent check')),
  elsewhere('npm run format', { 'package.json': '"format": "biome check', 'deploy/scripts/check.mjs': "'ci'," }),
  elsewhere(/^\.(?:\/\.)?ci\/(\w+)$/, { '.ci/{1}': '#!/usr/bin/env bash' }),
  elsewhere('npm run kafka:install', ciInstalls('kafka:install')),
  elsewhere('npm run timescaledb:install', {
    ...ciInstalls('./.ci/timescaledb'),
    'package.json': '"timescaledb:install": "./.ci/timescaledb"',
  }),
  elsewhere('npx tsc -b schema', { 'schema/package.json': '"tsc -b' }),
  elsewhere(/^npx tsc -b (data-plane)$/, { '{1}/package.json': '"build": "tsc -b' }),
  elsewhere('node data-plane/dist/feed/store.test.js', { 'data-plane/src/feed/store.test.ts': "from 'tap'" }),

  // Files that are generated: CI makes them again and compares.
  elsewhere('npm run generate -w @platen/sdk', { 'deploy/scripts/check.mjs': "'sdk/dist/generate.js', '--check'" }),
  elsewhere('npm run docs:generate', {
    'deploy/scripts/check.mjs': "'schema/dist/generate-reference.js', '--check'",
    'package.json': 'generate-reference.js && node deploy/scripts/generate-configuration.mjs',
  }),
  elsewhere('npm run docs:erd -w schema', { 'deploy/scripts/check.mjs': 'check-drift.js' }),
  elsewhere('npm run generate -w schema -- erp add_noun', {
    'schema/src/tooling/generate-migration.ts': 'npm run generate -w schema -- ',
  }),

  elsewhere('git apply -p0', { 'sdk/test/e2e/docs.test.ts': 'git apply -p0 --check' }),

  elsewhere('npm run demo', { '.ci/run': 'node .ci/demo.mjs', '.ci/demo.mjs': "'demo'" }),
  parses(/^npm run demo -- .*$/),
  elsewhere('node sdk/dist/examples/quote-to-cash.js', {
    'sdk/test/e2e/walk.test.ts': '@platen/sdk/examples/quote-to-cash',
  }),
  elsewhere(/node sdk\/dist\/examples\/plot-day\.js/, { 'sdk/examples/figures.test.ts': "from 'tap'" }),

  // Tests by words of their paths.
  lists('npm test -- modules/<it> test/model', { '<it>': 'orders' }),
  lists('npm test -- modules/telemetry/<area>', { '<area>': 'ingest' }),
  lists('npm test -- --as-shipped'),
  lists(/^npm test -- (?!--)(?!.*<)/),

  // What takes minutes or hours.
  reads(/^npm run bench(?: -- .*)?$/, 'bench/dist/options.js', 'readOptions'),
  parses(/^npm run model(?: -- .*)?$/),
  parses(/^npm run fuzz(?: -- .*)?$/),
  parses(/^npm run reliability(?: -- .*)?$/),
  reads(/^npm run soak(?: -- .*)?$/, 'bench/dist/soak/options.js', 'readSoakOptions', { '<name>': 'rebalance' }),
  reads(/^npm run seed:scale(?: -- .*)?$/, 'control-plane/dist/seed/scale/options.js', 'readScaleOptions'),

  // The services, as this test has them started.
  elsewhere('npm run start:control', {
    'deploy/demo/src/platform.ts': 'control-plane/dist/main.js',
    'package.json': '"start:control": "node control-plane/dist/main.js"',
  }),
  elsewhere('npm run start:data', {
    'deploy/demo/src/platform.ts': 'data-plane/dist/main.js',
    'package.json': '"start:data": "node data-plane/dist/main.js"',
  }),
  elsewhere('npm run start:workers', {
    'deploy/demo/src/platform.ts': 'workers/erp-worker/dist/main.js',
    'package.json': '"start:workers": "node workers/erp-worker/dist/main.js"',
  }),
  elsewhere('npm run start:telemetry-worker', {
    'deploy/demo/src/platform.ts': 'workers/telemetry-worker/dist/main.js',
    'package.json': '"start:telemetry-worker": "node workers/telemetry-worker/dist/main.js"',
  }),

  // Commands of those who run Platen.
  run('npm run db:migrate', 'owner', /control: [\s\S]*erp-2: [\s\S]*telemetry-1: |control: /),
  run('node control-plane/dist/seed.js', 'owner', /control: /),
  elsewhere('npm run db:seed', {
    'sdk/test/e2e/platform.ts': 'data-plane/dist/seed.js',
    'package.json': 'control-plane/dist/seed.js && node data-plane/dist/seed.js',
  }),
  run(
    'npm run platform:admin -- create you@example.com "Your Name"',
    'control-plane',
    /you@example\.com is an owner of the platform/,
    {
      input: 'moss lantern quartz 41\n',
    },
  ),
  run('npm run files:sweep', 'data-plane', /would be swept; run it with --apply/),
  run('npm run files:sweep -- --help', 'nobody', /^usage: npm run files:sweep/m),
  run('npm run files:sweep -- --apply', 'data-plane', /deletions finished/),
  run('npm run audit -- verify', 'control-plane', /acme/),
  run('npm run audit --silent -- export --tenant acme > acme.ndjson', 'control-plane', /^$/),
  run('npm run audit -- verify --file acme.ndjson', 'nobody', /./),
  run('npm run audit -- verify --tenant acme --file acme.ndjson', 'control-plane', /./),
  elsewhere('npm run audit -- verify --tenant acme --point 812:9f2c…', {
    'control-plane/src/commands/commands.db.test.ts': '--point',
  }),
  run('npm run dead-letters -- list --plane data --state dead', 'erp-worker', /./),
  run('npm run dead-letters -- list --plane data', 'erp-worker', /./),
  ...['show', 'replay', 'drop'].map((word) =>
    elsewhere(new RegExp(`^npm run dead-letters -- ${word} --plane data (--event ${noEvent}|--consumer erp-worker)`), {
      'data-plane/src/modules/outbox/dead-letters-command.db.test.ts': `'${word}'`,
    }),
  ),
  run('npm run keys -- list', 'control-plane', / active since /, { keeps: { kid: /^(\S+) {2}active/m } }),
  run('npm run keys', 'control-plane', /usage: npm run keys/, { exits: 2 }),
  run('npm run audit', 'control-plane', /usage: npm run audit/, { exits: 2 }),
  run('npm run platform:admin', 'control-plane', /usage: npm run platform:admin/, { exits: 2 }),
  run('npm run keys -- --help', 'nobody', /^usage: npm run keys/m),
  run('npm run audit -- --help', 'nobody', /^usage: npm run audit/m),
  run('npm run platform:admin -- --help', 'nobody', /^usage: npm run platform:admin/m),
  run('npm run keys -- publish', 'control-plane', / next/),
  run('npm run keys -- rotate', 'control-plane', /published [\s\S]* active since /),
  run('npm run keys -- revoke <kid>', 'control-plane', / revoked /, { where: { '<kid>': '{kid}' } }),

  run('npm run tenant:backup -- acme --out acme.tgz', 'owner', /acme\.tgz: \d+ bytes of rows and files, read again/),
  run('npm run tenant:backup -- --verify acme.tgz', 'nobody', /rows, \d+ files, \d+ bytes, as they were written/),
  // Of a tenant that is suspended: deploy/tenant-archive has it done, here its words are read.
  parses(/^npm run tenant:restore -- acme\.tgz/),

  // Images and the composition: loaded and looked into by their own tests, as there is no engine.
  elsewhere(/^docker build -f deploy\/images\/Dockerfile --target ([\w-]+) .*\.$/, {
    'deploy/images/Dockerfile': ' AS {1}\n',
  }),
  elsewhere(/^docker compose -f deploy\/compose\/compose\.yaml exec (?:-T )?([\w-]+) \/usr\/local\/bin\/node .*$/, {
    'deploy/compose/compose.yaml': '  {1}:\n',
    'deploy/images/services.mjs': 'dist/commands`',
  }),
  elsewhere('docker compose -f deploy/compose/compose.yaml up --detach --build', {
    'deploy/images/src/composition.test.ts': 'loadComposition(',
  }),
  elsewhere(
    'npm run compose:secrets -- --base-domain shops.example.com --files-host files.example.com --tls-dir /etc/platen/tls',
    {
      'deploy/images/src/composition.ts': '--base-domain',
    },
  ),
  elsewhere('npm run compose:secrets -- --two', { 'deploy/images/src/composition.test.ts': 'two' }),
  elsewhere('node deploy/images/assemble.mjs data-plane /srv/platen/data-plane', {
    'deploy/images/src/images.db.test.ts': 'assemble.mjs',
  }),

  // Kubernetes: the chart is rendered by Helm itself and held to each version's schemas. There is no cluster.
  elsewhere(/^helm (?:install|upgrade) platen deploy\/helm\/platen --namespace platen --values values\.yaml --wait$/, {
    'deploy/helm/src/chart.ts': "'template', 'platen', chartDir",
    'deploy/helm/src/chart.test.ts': 'validateFile(',
  }),
  elsewhere(/^(?:helm rollback|kubectl describe pod|kubectl rollout restart)$/, {
    '.ci/kubernetes': 'kubernetes-validate',
  }),

  // Before a proxy, which has its own tests.
  elsewhere(/^npm run .*proxy:config/, { 'deploy/proxy/src/render.test.ts': "scripts['proxy:config']" }),
  elsewhere('nginx -t && nginx -s reload', { 'deploy/proxy/src/test-proxy.ts': 'nginx' }),
  elsewhere(/^curl -si https:\/\/acme\.example\.com(\/internal\/token|\/metrics)$/, {
    'deploy/proxy/src/paths.test.ts': "'{1}'",
  }),
  elsewhere(/^curl -si --path-as-is https:\/\/acme\.example\.com(\S+)$/, { 'deploy/proxy/src/paths.test.ts': "'{1}'" }),
  elsewhere(/^curl -si https:\/\/acme\.example\.com\/(?:\.well-known\/jwks\.json|api\/erp\/products -H .*)$/, {
    'deploy/proxy/src/paths.test.ts': 'listContracts(',
  }),
];
