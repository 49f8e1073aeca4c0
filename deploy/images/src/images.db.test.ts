import { execFile } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startTestPostgres } from '@platen/chassis/testkit/postgres-server';
import { findProgram, freePort } from '@platen/chassis/testkit/programs';
import { sampleDocument } from '@platen/data-plane/modules/printing/samples';
import t from 'tap';
import { loadComposition, loaderIsMissing, makeSecrets } from './composition.js';
import { type Container, containersAreMissing, librariesOf, startContainer } from './container.js';
import { type ImageName, imageNames, imageSettings } from './dockerfile.js';

const run = promisify(execFile);
/** In the image of the data plane: a document to paper, a picture to pixels. */
const print = `
const { default: print } = await import('/app/data-plane/dist/modules/printing/print-worker.js');
process.stdout.write(String.fromCharCode(...(await print(JSON.parse(process.argv[1]))).slice(0, 6)));`;
const view = `
const { createRequire } = await import('node:module');
const sharp = createRequire('/app/data-plane/package.json')('sharp');
const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } }).png().toBuffer();
const { width, height } = await sharp(png).metadata();
process.stdout.write(width + ' ' + height);`;
const assemble = fileURLToPath(new URL('../assemble.mjs', import.meta.url));
const folder = await mkdtemp(path.join(tmpdir(), 'platen-images-'));
// Twenty thousand files: Node's own takes seconds for them.
t.teardown(() => run('rm', ['-rf', folder]).then(() => undefined));
const treeOf = (name: ImageName) => path.join(folder, 'trees', name);
// Linked, as they are only read. Two at a time, as many as a small machine has processors.
const lanes: ImageName[][] = [
  ['data-plane', 'telemetry-worker'],
  ['control-plane', 'erp-worker', 'migrate'],
];
await Promise.all(
  lanes.map(async (names) => {
    for (const name of names) await run(process.execPath, [assemble, name, treeOf(name), '--no-build', '--link']);
  }),
);

interface Listed {
  readonly path: string;
  readonly bytes: number;
  readonly mode: number;
}

/** Files, without what links lead to. */
function listFiles(dir: string, under = ''): Listed[] {
  return readdirSync(path.join(dir, under)).flatMap((name) => {
    const place = path.join(under, name);
    const stat = lstatSync(path.join(dir, place));
    if (stat.isDirectory()) return listFiles(dir, place);
    return [{ path: place, bytes: stat.size, mode: stat.mode }];
  });
}

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

/** `name@version` of every package on the disk, ours too. */
function packagesIn(tree: string, files: readonly Listed[]): string[] {
  const roots = files.filter(({ path: file }) => /(^|\/)node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(file));
  const ours = json(path.join(tree, 'package.json')).workspaces.map((place: string) => `${place}/package.json`);
  return [...new Set([...roots.map((file) => file.path), ...ours])]
    .map((file) => json(path.join(tree, file)))
    .map(({ name, version }) => `${name}@${version}`)
    .sort();
}

for (const name of imageNames) {
  t.test(`the tree of ${name}`, async (t) => {
    const tree = treeOf(name);
    const files = listFiles(tree);
    const strange = files.filter(({ path: file }) =>
      /(\.test\.js|\.fixture\.js|\.tsx?|\.map|\.tsbuildinfo)$/.test(file),
    );
    t.same(strange, [], 'no test, no source, no map');
    t.same(
      files.filter(({ path: file }) => /(^|\/)(testkit|embedded-postgres|seed-scale)/.test(file)),
      [],
      'nothing of tests',
    );
    t.same(
      files.filter(({ path: file }) => /^(bench|deploy|docs|sdk\/test)\//.test(file)),
      [],
      'nothing of other parts',
    );
    t.same(
      files.filter(({ mode }) => (mode & 0o444) !== 0o444),
      [],
      'everybody may read all of it',
    );

    if (name.endsWith('-plane')) {
      const viewer = ['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png'];
      const there = new Set(files.map(({ path: file }) => file));
      const lost = viewer.filter((file) => !there.has(`node_modules/swagger-ui-dist/${file}`));
      t.same(lost, [], 'the pages of the API have their files');
    }

    const packages = packagesIn(tree, files);
    const development = json(fileURLToPath(new URL('../../../package-lock.json', import.meta.url))).packages;
    const tops = files.flatMap(
      ({ path: file }) => /^node_modules\/((@[^/]+\/)?[^/]+)\/package\.json$/.exec(file)?.[1] ?? [],
    );
    t.same(
      tops.filter((top) => development[`node_modules/${top}`]?.dev === true),
      [],
      'no package for developers',
    );

    const bill = json(path.join(tree, 'sbom.cdx.json'));
    const listed = bill.components.map(({ name, version }: { name: string; version: string }) => `${name}@${version}`);
    t.equal(bill.bomFormat, 'CycloneDX');
    t.same([...new Set(listed)].sort(), [...new Set(packages)], 'the bill of materials is what is on the disk');
    const megabytes = (some: readonly Listed[]) => (some.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(1);
    t.comment(
      `measured: ${name}: ${megabytes(files)} MB in ${files.length} files, of them ${megabytes(files.filter((file) => file.path.startsWith('node_modules/')))} MB of ${packages.length} packages`,
    );
  });
}

t.test('what is compiled asks for the libraries that the base image has, and no others', async (t) => {
  const has = /^(linux-vdso|ld-linux.*|lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s|resolv)|libvips-cpp)\.so/;
  for (const name of imageNames) {
    const compiled = listFiles(treeOf(name)).filter(({ path: file }) => file.endsWith('.node'));
    for (const { path: file } of compiled) {
      const libraries = (await librariesOf(path.join(treeOf(name), file))).map((library) => path.basename(library));
      t.same(
        libraries.filter((library) => !has.test(library)),
        [],
        `${name}: ${file}`,
      );
    }
  }
  const ofNode = (await librariesOf(process.execPath)).map((library) => path.basename(library));
  t.same(
    ofNode.filter((library) => !has.test(library)),
    [],
    'node',
  );
});

const skip = (await containersAreMissing()) || loaderIsMissing || (!findProgram('psql') && 'no psql on the PATH');

t.test('run: as composed, read-only, as nobody, with nothing else there', { skip }, async (t) => {
  const { services } = await loadComposition(await makeSecrets(path.join(folder, '.env'), false));
  const server = await startTestPostgres();
  t.teardown(() => server.stop());
  await firstStart(server.url, services['postgres']?.environment ?? {});
  const ports = await freePorts();
  const start = (name: ImageName) =>
    startContainer({
      folder: path.join(folder, 'containers', name),
      tree: treeOf(name),
      settings: imageSettings(name),
      env: {
        ...onThisMachine(services[name]?.environment ?? {}, server.port, ports),
        WORKER_HEALTH_PORT: String(name === 'erp-worker' ? ports.erpHealth : ports.telemetryHealth),
      },
    });

  const migrate = await start('migrate');
  t.equal(await migrate.ended(), 0, migrate.output());
  t.match(migrate.output(), /signing key \S+ made/);

  const running = new Map<ImageName, Container>();
  t.teardown(() => Promise.all([...running.values()].map((container) => container.kill())));
  for (const name of imageNames.filter((one) => one !== 'migrate')) running.set(name, await start(name));
  for (const [name, container] of running) {
    const check = imageSettings(name).healthcheck ?? [];
    const last = await untilHealthy(container, check);
    t.equal(last.code, 0, `${name}: its health check says healthy: ${last.output} ${last.code && container.output()}`);
  }
  const data = running.get('data-plane');
  const printed = await data?.execute([
    '/usr/local/bin/node',
    '--input-type=module',
    '-e',
    print,
    JSON.stringify({ ...sampleDocument, issuer: { ...sampleDocument.issuer, logo: null } }),
  ]);
  t.match(printed?.output, /^%PDF-1/, 'prints, with the fonts that it has');
  const viewed = await data?.execute(['/usr/local/bin/node', '--input-type=module', '-e', view]);
  t.equal(viewed?.output, '8 8', 'looks at pictures, with the library that it has');

  // Who asks goes before who answers.
  for (const [name, container] of [...running].reverse()) {
    const { code, elapsedMs } = await container.stop();
    running.delete(name);
    t.equal(code, 0, `${name} ends in order on SIGTERM, as process 1`);
    t.notMatch(container.output(), /EROFS|EACCES|EPERM|ENOENT/, `${name} wrote where it may, or not at all`);
    const wrote = ['data', 'uploads', 'tmp'].flatMap((place) =>
      listFiles(path.join(folder, 'containers', name, place)).map((file) => `/${place}/${file.path}`),
    );
    t.comment(`measured: ${name} stopped after ${Math.round(elapsedMs)} ms; wrote ${wrote.join(', ') || 'nothing'}`);
    t.same(
      wrote.filter((file) => !file.startsWith('/data/')),
      [],
      `${name} leaves nothing elsewhere`,
    );
  }
});

async function untilHealthy(container: Container, check: readonly string[]) {
  for (let tries = 1; ; tries += 1) {
    const result = await container.execute(check);
    if (result.code === 0 || tries === 240) return result;
    await delay(250);
  }
}

/** What the server's image does when its folder is empty. */
async function firstStart(url: string, given: Readonly<Record<string, string>>): Promise<void> {
  const { hostname, port, username, password } = new URL(url);
  const env = { PATH: process.env['PATH'] ?? '', PGHOST: hostname, PGPORT: port, PGPASSWORD: password };
  await run('sh', [fileURLToPath(new URL('../../compose/postgres/10-platen.sh', import.meta.url))], {
    env: {
      ...given,
      ...env,
      POSTGRES_USER: username,
      PLATEN_DATABASES: 'platen_control platen_erp_1 platen_telemetry_1',
    },
  });
}

async function freePorts() {
  const [control, controlInternal, data, dataInternal, erpHealth, telemetryHealth] = await Promise.all(
    Array.from({ length: 6 }, freePort),
  );
  return { control, controlInternal, data, dataInternal, erpHealth, telemetryHealth };
}

/** Its variables with the addresses of this machine, without the broker and what else is not started here. */
function onThisMachine(
  given: Readonly<Record<string, string>>,
  postgresPort: number,
  ports: Awaited<ReturnType<typeof freePorts>>,
): Record<string, string> {
  const hosts: [string, string][] = [
    ['@postgres:5432/', `@127.0.0.1:${postgresPort}/`],
    ['@timescaledb:5432/', `@127.0.0.1:${postgresPort}/`],
    ['http://control-plane:4100', `http://127.0.0.1:${ports.controlInternal}`],
    ['http://data-plane:4101', `http://127.0.0.1:${ports.dataInternal}`],
  ];
  const replaced = Object.entries(given).map(([name, value]): [string, string] => [
    name,
    hosts.reduce((text, [from, to]) => text.replaceAll(from, to), value),
  ]);
  return {
    ...Object.fromEntries(replaced),
    CONTROL_PLANE_PORT: String(ports.control),
    CONTROL_INTERNAL_PORT: String(ports.controlInternal),
    DATA_PLANE_PORT: String(ports.data),
    DATA_INTERNAL_PORT: String(ports.dataInternal),
    EVENT_BUS: 'outbox',
    REDIS_URL: '',
    DRAIN_TIME: '0ms',
  };
}
