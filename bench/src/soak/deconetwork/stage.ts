import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ServiceProcess } from '@platen/chassis/service-process/start';
import { type DecoNetworkSite, type Habits, startDecoNetworkSite } from '@platen/deconetwork-site';
import { type Client, createClient } from '@platen/sdk';
import { createNodeTransport } from '@platen/sdk/node';
import pg from 'pg';
import { type BenchPlatform, startBenchPlatform } from '../../environment/platform.js';
import { signIn } from '../../environment/sign-in.js';
import { peakResidentMb } from '../../measure/cpu.js';
import { keepLogs } from '../keep-logs.js';

const host = 'acme.localhost';
/** A token lasts fifteen minutes. */
const tokenAgeMs = 10 * 60_000;
export const serviceNames = ['control-plane', 'data-plane', 'erp-worker'] as const;

/** Both planes and a worker as processes, the sites in this one. */
export interface DnStage {
  readonly platform: BenchPlatform;
  readonly client: Client;
  /** As superuser, for whoever looks on. */
  readonly erp: pg.Client;
  readonly plane: ServiceProcess;
  readonly worker: WorkerLives;
  /** Its lists are read by field 6; newest first, zoned dates. */
  readonly site: DecoNetworkSite;
  /** A twenty-fifth as large; field 7, oldest first, bare dates. */
  readonly otherSite: DecoNetworkSite;
  /** What must be in no log and in no row. */
  readonly secrets: readonly string[];
  logOf(name: (typeof serviceNames)[number]): string;
  keepLogs(): string;
  stop(): Promise<void>;
}

/** One worker process at a time. */
export interface WorkerLives {
  readonly lives: number;
  /** The most memory that any of them had. */
  peakMb(): number;
  kill(): Promise<void>;
  start(): Promise<void>;
}

export async function buildDnStage(orders: number, seed: number): Promise<DnStage> {
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const startSite = async (size: number, siteSeed: number, habits: Partial<Habits>) => {
      const site = await startDecoNetworkSite({
        orders: size,
        products: Math.max(10, Math.round(size / 50)),
        customers: Math.max(20, Math.round(size / 5)),
        seed: siteSeed,
        habits,
        credentials: {
          username: `canary-${randomBytes(6).toString('hex')}@example.com`,
          password: `canary-${randomBytes(9).toString('hex')}`,
        },
      });
      ends.push(() => site.close());
      return site;
    };
    const site = await startSite(orders, seed, {});
    const small = Math.max(20, Math.round(orders / 25));
    const otherSite = await startSite(small, seed + 1, { fieldMap: 'b', sort: 'oldest', dates: 'bare' });
    const hosts = [site, otherSite].map(({ url }) => new URL(url).host).join(',');
    const env = { OUTBOUND_ALLOWED_HOSTS: hosts, LOG_LEVEL: 'debug', DN_PAUSE: '0ms', DN_TIMEOUT: '2s' };
    const profileDir = process.env['SOAK_PROFILE_DIR'] ?? null;
    const platform = await startBenchPlatform({ profileDir, env, autovacuum: true });
    ends.push(() => platform.stop());
    await platform.start('control-plane');
    const plane = await platform.start('data-plane');
    const worker = await startWorkerLives(platform);
    const erp = new pg.Client({ connectionString: platform.superuserUrl('erp-1') });
    await erp.connect();
    ends.push(() => erp.end());
    const transport = createNodeTransport();
    ends.push(async () => transport.close());
    const logOf = (name: string) => readFileSync(path.join(platform.dataDir, 'log', `${name}.log`), 'utf8');
    return {
      platform,
      client: clientOf(platform, transport),
      erp,
      plane,
      worker,
      site,
      otherSite,
      secrets: [site, otherSite].flatMap(({ credentials, loginToken }) => [
        credentials.username,
        credentials.password,
        loginToken,
      ]),
      logOf,
      keepLogs: () => keepLogs(platform, 'deconetwork'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function clientOf(platform: BenchPlatform, transport: ReturnType<typeof createNodeTransport>): Client {
  let known: { readonly token: string; readonly atMs: number } | null = null;
  const at = (url: string) => url.replace('127.0.0.1', host);
  return createClient({
    transport,
    controlUrl: at(platform.urls.control),
    dataUrl: at(platform.urls.data),
    token: async (refused) => {
      if (known === null || known.token === refused || performance.now() - known.atMs > tokenAgeMs) {
        const { accessToken } = await signIn(platform.urls.control, host, 'admin@acme.test');
        known = { token: accessToken, atMs: performance.now() };
      }
      return known.token;
    },
  });
}

async function startWorkerLives(platform: BenchPlatform): Promise<WorkerLives> {
  let lives = 1;
  let peak = 0;
  let running = await platform.start('erp-worker');
  const look = () => {
    peak = Math.max(peak, peakResidentMb(running.pid) ?? 0);
    return peak;
  };
  return {
    get lives() {
      return lives;
    },
    peakMb: look,
    async kill() {
      look();
      await running.kill();
    },
    async start() {
      running = await platform.start('erp-worker');
      lives += 1;
    },
  };
}
