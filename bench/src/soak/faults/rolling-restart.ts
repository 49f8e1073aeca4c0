import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceProcess } from '@platen/chassis/service-process/start';
import { describeLoad, judgeLoad } from '@platen/proxy/restart/judge';
import { startLoad } from '@platen/proxy/restart/load';
import { makeJobs } from '@platen/proxy/restart/make-jobs';
import { nginxIsMissing, startTestProxy } from '@platen/proxy/test-proxy';
import { demoPassword, tenants } from '@platen/schema/seeds/identities';
import { createClient } from '@platen/sdk';
import { createNodeTransport } from '@platen/sdk/node';
import { runSql, type Services, startBenchPlatform } from '../../environment/platform.js';
import type { Promised } from '../outcome.js';
import { signInPerson } from '../work/person.js';
import type { FaultContext } from './fault.js';

const usualMinutes = 1.5;
const drain = '3s';
const exitWithinMs = 10_000;
const person = 'manager@acme.test';

/** Two data planes behind nginx, replaced in turn again and again, while people work and look at the board. */
export async function rollingRestart({ minutes, random, say, onStop }: FaultContext): Promise<Promised> {
  if (nginxIsMissing !== false) throw new Error(nginxIsMissing);
  const platform = await startBenchPlatform({
    profileDir: null,
    autovacuum: true,
    env: { DRAIN_TIME: drain, TRUSTED_PROXIES: '127.0.0.1' },
  });
  onStop(() => platform.stop());
  await platform.start('control-plane');
  const follower = { 'data-plane': { CONTROL_INTERNAL_URL: platform.urls.controlInternal } };
  const services: Services[] = [platform, await platform.another((databases) => databases, follower)];
  const planes: ServiceProcess[] = [];
  for (const each of services) planes.push(await each.start('data-plane'));
  const portOf = (url: string) => Number(new URL(url).port);
  const dataPorts = services.map(({ urls }) => portOf(urls.data));
  const proxy = await startTestProxy({ controlPorts: [portOf(platform.urls.control)], dataPorts, workers: 2 });
  onStop(() => proxy.stop());

  const jobs = await prepare(`http://acme.localhost:${proxy.port}`);
  const { token } = await signInPerson(platform.urls.control, person);
  const host = `acme.localhost:${proxy.port}`;
  const load = await startLoad({
    ...{ proxyPort: proxy.port, dataPorts, host, token, jobs },
    ...{ pauseMs: 15, followers: 4, prefix: 'rolling' },
  });
  const startedAtMs = performance.now();
  const stopMs: number[] = [];
  while (performance.now() - startedAtMs < (minutes ?? usualMinutes) * 60_000) {
    const n = stopMs.length % planes.length;
    const sinceMs = performance.now();
    await planes[n]?.stop();
    stopMs.push(performance.now() - sinceMs);
    planes[n] = await (services[n] as Services).start('data-plane');
    say(
      `restart ${stopMs.length}: data plane ${n + 1}, gone after ${stopMs.at(-1)?.toFixed(0)} ms; ${load.faults.length} faults`,
    );
    await delay(random(1_000));
  }
  await load.stop();
  const judged = await judgeLoad(load, jobs, async (codes) => {
    const rows = await runSql(
      platform.superuserUrl('erp-1'),
      'select code, count(*)::int as n from erp_customers where tenant_id = $1 and code = any($2) group by code',
      [tenants.acme.id, codes],
    );
    return new Map((rows as { code: string; n: number }[]).map(({ code, n }) => [code, n]));
  });
  const slow = stopMs.filter((ms) => ms >= exitWithinMs);
  return {
    promises: [
      ...judged,
      { promise: 'a plane is gone within 10 s of SIGTERM', broken: slow.map((ms) => `${ms.toFixed(0)} ms`) },
      {
        promise: 'who comes without a proxy is told to leave, and each stream came back',
        broken: [
          ...(load.counts.left > 0 ? [] : ['nobody was told']),
          ...load.followers.flatMap(({ returns }, i) => (returns() > 0 ? [] : [`stream ${i + 1} never ended`])),
        ],
      },
    ],
    figures: [
      `${stopMs.length} restarts of two data planes in ${((performance.now() - startedAtMs) / 1_000).toFixed(0)} s: ${load.faults.length} requests without their answer; gone after ${Math.max(...stopMs).toFixed(0)} ms at most, ${drain} of it draining`,
      describeLoad(load),
    ],
  };
}

/** Through the proxy as well. */
async function prepare(url: string): Promise<Map<string, number>> {
  const transport = createNodeTransport();
  try {
    const client = createClient({ controlUrl: url, dataUrl: url, transport });
    await client.auth.login({ email: person, password: demoPassword });
    return await makeJobs(client, 3, 'rolling');
  } finally {
    transport.close();
  }
}
