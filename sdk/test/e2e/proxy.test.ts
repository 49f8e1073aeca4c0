import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import path from 'node:path';
import type { ServiceProcess } from '@platen/chassis/service-process/start';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { freePort } from '@platen/chassis/testkit/programs';
import { type PlatformOptions, startPlatformService } from '@platen/demo/platform';
import { describeLoad, judgeLoad } from '@platen/proxy/restart/judge';
import { startLoad } from '@platen/proxy/restart/load';
import { makeJobs } from '@platen/proxy/restart/make-jobs';
import { nginxIsMissing, startTestProxy } from '@platen/proxy/test-proxy';
import { demoPassword } from '@platen/schema/seeds/identities';
import { type Client, createClient, PlatenError } from '@platen/sdk';
import { createNodeTransport } from '@platen/sdk/node';
import t, { type Test as Tap } from 'tap';
import { bundles, type Platform, repository, startPlatform, urlsOf } from './platform.js';
import { setLimits } from './quota.js';
import { signIn } from './sign-in.js';
import { allPermissions, forgerOf } from './world.js';

// A real nginx with the reference configuration, one control plane and two data planes behind one host.
const env = {
  'control-plane': { TRUSTED_PROXIES: '127.0.0.1', AUTH_REQUESTS_PER_MINUTE: '60' },
  // Longer by far than nginx keeps a connection that nobody uses.
  'data-plane': { TRUSTED_PROXIES: '127.0.0.1', DRAIN_TIME: '2500ms' },
} as const;

async function runAll(): Promise<void> {
  const platform = await startPlatform(t, { services: ['control-plane', 'data-plane'], env, prepare: setLimits });
  const second = await secondDataPlane(platform);
  const dataPorts = [platform.ports.data, second.port];
  const proxy = await startTestProxy({
    controlPorts: [platform.ports.control],
    dataPorts,
    template: path.join(repository, 'deploy/proxy/platen.conf.template'),
  });
  t.teardown(() => proxy.stop());
  const transport = createNodeTransport();
  t.teardown(() => transport.close());
  const url = `http://acme.localhost:${proxy.port}`;
  const client = createClient({ controlUrl: url, dataUrl: url, transport });

  t.test('one host: a session by cookies serves both planes', (t) => checkSession(t, client));
  t.test('an import tells of its rows while the rest of the file is on its way', (t) =>
    checkImport(t, platform, proxy.port),
  );
  t.test('who is limited is who asks, whatever they say', (t) =>
    checkForwarded(t, { proxy: proxy.port, trusting: platform.ports.data, other: second.port }),
  );
  t.test('both data planes are replaced under load', async (t) => {
    const token = (await signIn(platform, 'manager@acme.test')).access;
    const jobs = await makeJobs(client, 2, 'rolling');
    const host = `acme.localhost:${proxy.port}`;
    const load = await startLoad({
      proxyPort: proxy.port,
      dataPorts,
      host,
      token,
      jobs,
      pauseMs: 40,
      prefix: 'rolling',
    });
    const stopMs: number[] = [];
    const stopped = async (stop: () => Promise<void>) => {
      const sinceMs = performance.now();
      await stop();
      stopMs.push(performance.now() - sinceMs);
    };
    await stopped(() => platform.stop('data-plane'));
    await platform.start('data-plane');
    await stopped(second.stop);
    await second.start();
    await load.stop();
    for (const { promise, broken } of await judgeLoad(load, jobs, (codes) => countCustomers(platform, codes))) {
      t.same(broken, [], promise);
    }
    t.ok(
      load.followers.every(({ returns }) => returns() > 0),
      'each stream was sent to the other one',
    );
    t.ok(load.counts.left > 0, 'who comes without a proxy was told to leave');
    t.ok(Math.max(...stopMs) < 10_000, 'gone within 10 s');
    for (const log of [platform.logLines('data-plane').join('\n'), second.log()]) {
      t.notMatch(log, /did not stop cleanly|stopping was cut short/);
    }
    t.comment(`measured: ${describeLoad(load)}; stopped in ${stopMs.map((ms) => ms.toFixed(0)).join(' and ')} ms`);
  });
}

async function secondDataPlane({ ports, secrets, dataDir, databases }: Platform) {
  const options: PlatformOptions = {
    ports: { ...ports, data: await freePort(), dataInternal: await freePort() },
    secrets,
    databases: urlsOf(databases),
    dataDir: path.join(dataDir, 'second'),
    // Nobody's X-Forwarded-For counts here: how addresses look to a plane that was not told of its proxy.
    env: { ...env, 'data-plane': { DRAIN_TIME: env['data-plane'].DRAIN_TIME } },
    ...(bundles !== undefined && { entriesDir: bundles }),
  };
  let running: ServiceProcess | undefined;
  // A test that is ended by its time-out must not leave it behind.
  process.once('exit', () => running && process.kill(running.pid, 'SIGKILL'));
  const start = async () => {
    running = await startPlatformService('data-plane', options);
  };
  const stop = async () => {
    await running?.stop();
    running = undefined;
  };
  t.teardown(stop);
  await start();
  const log = () => readFileSync(path.join(options.dataDir, 'log', 'data-plane.log'), 'utf8');
  return { port: options.ports.data, start, stop, log };
}

async function checkSession(t: Tap, client: Client): Promise<void> {
  const { user } = await client.auth.login({ email: 'manager@acme.test', password: demoPassword });
  t.equal(user.email, 'manager@acme.test');
  t.ok((await client.menu.get()).items.length > 0, 'the control plane takes the cookie');
  t.ok((await client.erp.customers.list({ limit: 1 })).items.length > 0, 'the data plane takes it too');
  await client.auth.refresh();
  const code = 'behind-a-proxy';
  t.match(await client.erp.customers.create({ code, name: 'Behind a proxy' }), { code });
  await t.rejects(client.erp.customers.create({ code, name: 'Twice' }), PlatenError);
}

async function checkImport(t: Tap, platform: Platform, port: number): Promise<void> {
  const { claims } = await signIn(platform, 'manager@acme.test');
  const access = (await forgerOf(platform)).sign({ ...claims, prm: allPermissions });
  const importing = request({
    host: '127.0.0.1',
    port,
    method: 'POST',
    path: '/api/erp/catalog/import?dry_run=true',
    headers: {
      host: `acme.localhost:${port}`,
      authorization: `Bearer ${access}`,
      'x-correlation-id': 'import-through-a-proxy',
      'content-type': 'text/csv',
    },
  });
  const row = (n: number) => `through-${n},Through ${n},Gildan,Navy,M,,9.50,4.00\n`;
  const rows = (from: number, count: number) => Array.from({ length: count }, (_, i) => row(from + i)).join('');
  importing.write('style,name,brand,colour,size,gtin,price,cost\n');
  importing.write(rows(0, 5_100));
  const [answer] = (await once(importing, 'response')) as [IncomingMessage];
  t.equal(answer.statusCode, 200);
  let text = '';
  let toldBefore: string | undefined;
  for await (const chunk of answer) {
    text += String(chunk);
    if (toldBefore !== undefined || !text.includes('"progress"')) continue;
    toldBefore = text;
    importing.end(rows(5_100, 100));
  }
  t.match(toldBefore, /"progress"/, 'before the rest was sent');
  t.match(text, /"summary"/);
}

interface Ports {
  readonly proxy: number;
  readonly trusting: number;
  readonly other: number;
}

async function checkForwarded(t: Tap, { proxy, trusting, other }: Ports): Promise<void> {
  let count = 0;
  const statusOf = async (options: RequestOptions) => {
    const headers = { host: `acme.localhost:${proxy}`, 'x-correlation-id': 'forwarded-by-a-proxy', ...options.headers };
    const asking = request({ host: '127.0.0.1', agent: false, ...options, headers }).end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    return answer.statusCode ?? 0;
  };
  const forged = () => {
    count += 1;
    return { 'x-forwarded-for': `203.0.113.${count % 250}`, forwarded: 'for=203.0.113.1' };
  };
  const many = async (options: () => RequestOptions, times: number) => {
    const statuses = new Set<number>();
    for (let n = 0; n < times; n += 1) statuses.add(await statusOf(options()));
    return [...statuses].sort();
  };
  /** A limit comes back with the time, so nobody can say how many it takes. */
  const untilLimited = async (options: () => RequestOptions) => {
    const statuses = new Set<number>();
    while (!statuses.has(429)) statuses.add(await statusOf(options()));
    return [...statuses].sort();
  };
  const refresh = (localAddress: string) => ({
    port: proxy,
    method: 'POST',
    path: '/api/auth/refresh',
    localAddress,
    headers: { ...forged(), origin: `http://acme.localhost:${proxy}` },
  });
  t.same(await untilLimited(() => refresh('127.0.0.3')), [401, 429], 'one caller who says to be many is one');
  t.same(await many(() => refresh('127.0.0.2'), 5), [401], 'another caller is another one');

  // No two of the same link, which has a limit of its own.
  const link = (port: number) => ({
    port,
    headers: forged(),
    path: `/api/public/quotes/${'0'.repeat(32)}.${String(count).padStart(43, 'x')}`,
  });
  t.same(await many(() => link(trusting), 130), [404], 'what the proxy says of callers counts');
  t.same(await untilLimited(() => link(other)), [404, 429], 'without TRUSTED_PROXIES everybody has its address');
}

async function countCustomers({ databases }: Platform, codes: readonly string[]): Promise<Map<string, number>> {
  return asSuperuser(databases['erp-1'].superuserUrl, async (db) => {
    const { rows } = await db.query<{ code: string; n: number }>(
      'select code, count(*)::int as n from erp_customers where code = any($1) group by code',
      [codes],
    );
    return new Map(rows.map(({ code, n }) => [code, n]));
  });
}

if (nginxIsMissing !== false) t.test('both planes behind nginx', { skip: nginxIsMissing }, () => undefined);
else await runAll();
