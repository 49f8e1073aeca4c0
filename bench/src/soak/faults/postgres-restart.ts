import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceProcess } from '@platen/chassis/service-process/start';
import { startTcpProxy } from '@platen/chassis/testkit/tcp-proxy';
import { tenants } from '@platen/schema/seeds/identities';
import type { OwnServer } from '../../environment/own-server.js';
import { type BenchPlatform, liftLimit, type Services, startBenchPlatform } from '../../environment/platform.js';
import type { Promised } from '../outcome.js';
import type { Random } from '../random.js';
import type { FaultContext } from './fault.js';
import { judgeTroubles, limits, type Trouble } from './judge-troubles.js';
import { during, slowestOf, tookMs, untilCalm } from './paced.js';
import { openShops, type TwoShops } from './two-shops.js';

const restarts = 3;
const quietMs = 10_000;
const awayMs = { least: 1_000, more: 3_000 };
const holeMs = 12_000;
/** After which nothing is refused any more. */
const calmMs = limits.recoveryMs;

/** Two tenants on two servers, one of which is killed under load and then a black hole. */
export async function postgresRestart({ random, say, onStop }: FaultContext): Promise<Promised> {
  const platform = await startBenchPlatform({ profileDir: null, autovacuum: true, erpServer: true });
  onStop(() => platform.stop());
  const server = platform.erpServer;
  if (server === null) throw new Error('the platform has no server for erp-1 of its own');
  await liftLimit(platform.superuserUrl('control'), tenants.globex.id, 'requests_per_minute');
  const killed = await killedServer(platform, server, random, say);
  const hole = await blackHole(platform, say);
  return { promises: [...killed.promises, ...hole.promises], figures: [...killed.figures, ...hole.figures] };
}

async function killedServer(
  platform: BenchPlatform,
  server: OwnServer,
  random: Random,
  say: (line: string) => void,
): Promise<Promised> {
  const { services, shops } = await open(platform, 'killed');
  const quietFromMs = performance.now();
  await delay(quietMs);
  const troubles: Trouble[] = [];
  for (let nth = 0; nth < restarts; nth += 1) {
    const fromMs = performance.now();
    await server.kill();
    await delay(awayMs.least + random(awayMs.more));
    await server.restart();
    const backMs = performance.now();
    troubles.push({ fromMs, backMs });
    say(`killed, back after ${(backMs - fromMs).toFixed(0)} ms`);
    await delay(calmMs + 1_000);
  }
  await delay(quietMs);
  await shops.end();
  const judged = await judgeTroubles({ platform, plane: services.plane, shops, quietFromMs, troubles, name: 'killed' });
  await close(services);
  return judged;
}

/** On the way to the same database: connections stand, and are accepted, and carry nothing. */
async function blackHole(platform: BenchPlatform, say: (line: string) => void): Promise<Promised> {
  const direct = new URL(platform.superuserUrl('erp-1'));
  const proxy = await startTcpProxy(Number(direct.port));
  const viaProxy = (url: string) => {
    const way = new URL(url);
    way.port = String(proxy.port);
    return way.toString();
  };
  try {
    const others = await platform.another((databases) => ({
      ...databases,
      erp: Object.fromEntries(
        Object.entries(databases.erp).map(([key, urls]) => [
          key,
          key === 'erp-1' ? { appUrl: viaProxy(urls.appUrl), systemUrl: viaProxy(urls.systemUrl) } : urls,
        ]),
      ),
    }));
    const { services, shops } = await open(others, 'hole');
    const quietFromMs = performance.now();
    await delay(quietMs);
    const fromMs = performance.now();
    proxy.swallow();
    await delay(holeMs);
    proxy.heal();
    const backMs = performance.now();
    say(`a black hole for ${(backMs - fromMs).toFixed(0)} ms`);
    await delay(calmMs + quietMs);
    await shops.end();
    const judged = await judgeTroubles({
      platform,
      plane: services.plane,
      shops,
      quietFromMs,
      troubles: [{ fromMs, backMs }],
      name: 'a black hole',
    });
    const held = during(shops.troubled.all(), fromMs, backMs);
    const late = held.filter((seen) => tookMs(seen) > limits.blackHoleMs);
    await close(services);
    return {
      promises: [
        ...judged.promises,
        {
          promise: `a black hole: what needs it fails within ${limits.blackHoleMs / 1_000} s`,
          broken: late.map((seen) => `${seen.status} after ${tookMs(seen).toFixed(0)} ms`),
        },
      ],
      figures: [
        ...judged.figures,
        `a black hole: the longest of ${held.length} waited ${slowestOf(held).toFixed(0)} ms`,
      ],
    };
  } finally {
    await proxy.close();
  }
}

interface Open {
  readonly services: { readonly plane: ServiceProcess; readonly control: ServiceProcess };
  readonly shops: TwoShops;
}

async function open(services: Pick<Services, 'urls' | 'start'>, run: string): Promise<Open> {
  const control = await services.start('control-plane');
  const plane = await services.start('data-plane');
  const shops = await openShops(services, run);
  await untilCalm(() => [...shops.troubled.all(), ...shops.other.all()]);
  return { services: { control, plane }, shops };
}

async function close({ plane, control }: Open['services']): Promise<void> {
  await plane.stop();
  await control.stop();
}
