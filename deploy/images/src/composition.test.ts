import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Environment as controlPlane, readConfig as readControl } from '@platen/control-plane/config';
import { Environment as dataPlane, readConfig as readData } from '@platen/data-plane/config';
import { Environment as erpWorker, readConfig as readErp } from '@platen/erp-worker/config';
import { readConfig as readTelemetry, Environment as telemetryWorker } from '@platen/telemetry-worker/config';
import t, { type Test as Tap } from 'tap';
import {
  composeFile,
  hadolint,
  hadolintIsMissing,
  loadComposition,
  loaderIsMissing,
  makeSecrets,
  readEnvFile,
  type Service,
} from './composition.js';
import { imageNames, imageSettings } from './dockerfile.js';

const run = promisify(execFile);
const dockerfile = fileURLToPath(new URL('../Dockerfile', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'platen-composition-'));
t.teardown(() => rmSync(folder, { recursive: true }));

const ours = {
  'control-plane': { fields: controlPlane.properties, read: readControl },
  'data-plane': { fields: dataPlane.properties, read: readData },
  'data-plane-2': { fields: dataPlane.properties, read: readData },
  'erp-worker': { fields: erpWorker.properties, read: readErp },
  'telemetry-worker': { fields: telemetryWorker.properties, read: readTelemetry },
} as const;
const isOurs = (name: string): name is keyof typeof ours => Object.hasOwn(ours, name);

const presetOf = (field: object | undefined) => String(field && 'default' in field ? field.default : undefined);

t.test('images: as the services are', async (t) => {
  for (const name of imageNames) {
    const { user, command, stopSignal, healthcheck, ports, env, labels } = imageSettings(name);
    t.match(user, /^[1-9]\d+:[1-9]\d+$/, `${name}: a number that is not root's`);
    t.equal(stopSignal, 'SIGTERM');
    t.equal(command[0], '/usr/local/bin/node', `${name}: no shell between`);
    t.ok(labels.includes('org.opencontainers.image.title'), `${name}: says what it is`);
    if (!isOurs(name)) continue;
    const fields: Readonly<Record<string, object>> = ours[name].fields;
    t.same(
      Object.keys(env).filter((variable) => !Object.hasOwn(fields, variable)),
      [],
      `${name}: knows its variables`,
    );
    const [, , portName = '', port, , hostName = ''] = healthcheck ?? [];
    t.equal(presetOf(fields[portName]), port, `${name}: is asked at the port that it has`);
    t.ok(Object.hasOwn(fields, hostName), `${name}: and at its address`);
    const listens = Object.entries(fields).filter(([field]) => /^(CONTROL|DATA)_(PLANE|INTERNAL)_PORT$/.test(field));
    t.same(
      ports,
      listens.map(([, field]) => presetOf(field)),
      `${name}: exposes its ports`,
    );
  }
});

t.test('hadolint', { skip: hadolintIsMissing }, async (t) => {
  const lint = (file: string) =>
    run(hadolint ?? '', ['--failure-threshold', 'style', '--no-color', file]).then(
      () => '',
      (error: { stdout?: string }) => error.stdout ?? String(error),
    );
  t.equal(await lint(dockerfile), '', 'finds nothing');
  const text = readFileSync(dockerfile, 'utf8');
  const faults: [string, string, RegExp][] = [
    ['CMD ["/app/prepare-databases.mjs"]', 'CMD node /app/prepare-databases.mjs', /DL3025/],
    ['WORKDIR /app', 'WORKDIR app', /DL3000/],
  ];
  for (const [before, after, code] of faults) {
    t.ok(text.includes(before), 'the place of the fault is there');
    const file = path.join(folder, 'Dockerfile');
    writeFileSync(file, text.replace(before, after));
    t.match(await lint(file), code, `finds ${after}`);
  }
});

t.test('secrets: new ones, readable by their owner alone; what is there stays', async (t) => {
  const file = path.join(folder, 'secrets.env');
  const first = await makeSecrets(file, false);
  t.equal(statSync(file).mode & 0o777, 0o600);
  const second = await makeSecrets(file, true);
  for (const [name, value] of Object.entries(first)) {
    if (!/CATALOG|PROFILES|SERVERS/.test(name)) t.equal(second[name], value, name);
  }
  t.equal(Object.keys(JSON.parse(second['DATA_DB_CATALOG'] ?? '')).join(), 'erp-1,erp-2,telemetry-1');
  const other = await makeSecrets(path.join(folder, 'other.env'), false);
  const same = Object.keys(first).filter((name) => /PASSWORD|SECRET|KEY/.test(name) && first[name] === other[name]);
  t.same(same, [], 'no two installations share one');
  const example = readEnvFile(fileURLToPath(new URL('../../compose/.env.example', import.meta.url)));
  t.same(Object.keys(example).sort(), Object.keys(first).sort(), '.env.example names the same');
  t.same(
    Object.values(example).filter((value) => value !== ''),
    [],
    'and has no value',
  );
});

t.test('the composition', { skip: loaderIsMissing }, async (t) => {
  const env = await makeSecrets(path.join(folder, 'one.env'), false);
  const envOfTwo = await makeSecrets(path.join(folder, 'two.env'), true);
  const one = await loadComposition(env);
  const two = await loadComposition(envOfTwo);
  const added = Object.keys(two.services).filter((name) => !Object.hasOwn(one.services, name));
  t.same(added.sort(), ['data-plane-2', 'postgres-2'], 'the profile adds a data plane and an ERP server');
  t.match(one.services['proxy']?.environment?.['PROXY_DATA_SERVERS'], /^server 172\.30\.240\.21:4001 [^;]*;$/);
  t.equal(
    (envOfTwo['PROXY_DATA_SERVERS'] ?? '').match(/:4001 [^;]* backup;/g)?.length,
    2,
    'both are asked when both are taken for dead',
  );

  await t.test('needs every secret, and has none of its own', async (t) => {
    const optional = new Set(['COMPOSE_PROFILES']);
    for (const name of Object.keys(env).filter((one) => !optional.has(one))) {
      const { [name]: _, ...rest } = env;
      await t.rejects(loadComposition(rest), new RegExp(`required variable ${name} is missing`), name);
    }
    const text = readFileSync(composeFile, 'utf8');
    t.notMatch(text, /\$\{[A-Z_]*(PASSWORD|SECRET|KEY)[A-Z_]*:-[^}]/, 'no default of a secret');
  });

  await t.test('each service has exactly the variables that it knows, and starts with them', async (t) => {
    const image = { ...two.services };
    for (const [name, { fields, read }] of Object.entries(ours)) {
      const given = image[name]?.environment ?? {};
      t.same(
        Object.keys(given).filter((variable) => !Object.hasOwn(fields, variable)),
        [],
        `${name}: all known`,
      );
      const target = image[name]?.build?.target ?? 'data-plane';
      t.doesNotThrow(() => read({ ...imageSettings(target).env, ...given }), `${name}: reads its configuration`);
      t.match(given, { NODE_ENV: 'production', EVENT_BUS: 'kafka' });
    }
  });

  await t.test('is closed', async (t) => {
    const published = Object.entries(two.services).filter(([, { ports }]) => (ports ?? []).length > 0);
    t.same(
      published.map(([name]) => name),
      ['proxy'],
      'one port for all',
    );
    for (const [name, service] of Object.entries(two.services)) checkHardening(t, name, service);
    const reached = Object.keys(two.networks).filter((name) => two.networks[name]?.internal !== true);
    t.same(reached.sort(), ['edge', 'outside'], 'other networks have no way out');
    for (const name of ['postgres', 'postgres-2', 'timescaledb', 'redis', 'kafka', 's3']) {
      t.same(
        Object.keys(two.services[name]?.networks ?? {}).filter((net) => reached.includes(net)),
        [],
        name,
      );
    }
    for (const name of ['erp-worker', 'telemetry-worker', 'proxy']) {
      t.notOk(Object.hasOwn(two.services[name]?.networks ?? {}, 'databases'), `${name} reaches no database`);
    }
  });

  await t.test('waits for what it needs', async (t) => {
    for (const name of ['control-plane', 'data-plane', 'data-plane-2']) {
      t.equal(two.services[name]?.depends_on?.['migrate']?.condition, 'service_completed_successfully', name);
    }
    for (const [name, { depends_on: needs = {} }] of Object.entries(two.services)) {
      for (const [other, { condition }] of Object.entries(needs)) {
        if (condition !== 'service_healthy') continue;
        const { healthcheck, build } = two.services[other] ?? {};
        const checks = healthcheck?.test ?? (build && imageSettings(build.target).healthcheck);
        t.ok(checks, `${name} waits for ${other}, which says how it is`);
      }
    }
  });

  await t.test('the loader refuses what is no composition', async (t) => {
    const file = path.join(folder, 'compose.yaml');
    copyFileSync(composeFile, file);
    const text = readFileSync(composeFile, 'utf8');
    const faults = [
      ['restart: unless-stopped', 'restrat: unless-stopped'],
      ['networks: [databases]', 'networks: [databasses]'],
      ['condition: service_healthy }', 'condition: service_helthy }'],
    ] as const;
    for (const [before, after] of faults) {
      t.ok(text.includes(before));
      writeFileSync(file, text.replace(before, after));
      await t.rejects(loadComposition(env, file), after);
    }
  });
});

function checkHardening(t: Tap, name: string, service: Service): void {
  // Kafka's image writes its configuration at its start.
  t.equal(service.read_only === true, name !== 'kafka', `${name}: read-only`);
  t.same(service.cap_drop, ['ALL'], name);
  t.same(service.cap_add ?? [], [], name);
  t.same(service.security_opt, ['no-new-privileges:true'], name);
  t.notOk(service.privileged || service.network_mode, name);
  t.ok(service.deploy?.resources?.limits?.memory && service.deploy.resources.limits.cpus, `${name}: has limits`);
  // What strangers send lies there until it is whole, and counts as memory: nothing else may end for the want of it.
  const memory = Number(service.deploy?.resources?.limits?.memory);
  if (service.ports !== undefined)
    for (const mount of (service.tmpfs ?? []).filter((mount) => mount.startsWith('/tmp'))) {
      const [, mebibytes] = /[:,]size=(\d+)m\b/.exec(mount) ?? [];
      t.ok(Number(mebibytes) * 1024 * 1024 <= memory / 2, `${name}: ${mount} is at most half of its memory`);
    }
  t.notMatch(service.image, /:latest$|^[^:]+$/, `${name}: a version`);
}
