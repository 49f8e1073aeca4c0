import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RetryPolicy } from '@platen/chassis/bus/bus';
import { startTestKafka, type TestKafka } from '@platen/chassis/testkit/kafka-server';
import pg from 'pg';
import { fillBoard } from '../environment/board-data.js';
import { benchOwner, fillErpDatabase } from '../environment/erp-data.js';
import { call, plainHeaders } from '../environment/http.js';
import { type BenchPlatform, runSql, startBenchPlatform } from '../environment/platform.js';
import { signIn } from '../environment/sign-in.js';
import { soakTopic } from './consumer-task.js';
import { type Consumer, startConsumer } from './consumers.js';
import type { BusName, EventSoakName } from './options.js';

const cardCount = 400;

/** A platform with cards to write on, a broker if there is to be one, and the database of the effects. */
export interface Stage {
  readonly platform: BenchPlatform;
  /** Null: events are pulled. */
  readonly broker: TestKafka | null;
  readonly cards: readonly string[];
  /** Connections as superuser, for whoever looks on. */
  readonly erp: pg.Client;
  readonly effects: pg.Client;
  /** Workers that ended by themselves. */
  readonly crashes: readonly string[];
  startConsumer(more?: {
    readonly retry?: RetryPolicy;
    readonly poison?: readonly string[];
    /** The internal listener of another data plane. */
    readonly dataUrl?: string;
    readonly env?: Readonly<Record<string, string>>;
  }): Consumer;
  stop(): Promise<void>;
}

const logsDir = fileURLToPath(new URL('../../results/soak/', import.meta.url));

export async function buildStage(name: EventSoakName | 'clocks', bus: BusName): Promise<Stage> {
  const logDir = path.join(logsDir, `${name}-${bus}`);
  mkdirSync(logDir, { recursive: true });
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const broker = bus === 'kafka' ? await startTestKafka() : null;
    if (broker) ends.push(() => broker.stop());
    const env: Record<string, string> = broker ? { EVENT_BUS: 'kafka', KAFKA_BROKERS: broker.brokers.join(',') } : {};
    const platform = await startBenchPlatform({ profileDir: null, env });
    ends.push(() => platform.stop());
    await fillErpDatabase(platform.superuserUrl('erp-1'), { tenants: 5, ordersPerTenant: 200 });
    await platform.start('control-plane');
    await platform.start('data-plane');
    const cards = await layCards(platform);
    const urls = await createEffects(platform);
    const [erp, effects] = [platform.superuserUrl('erp-1'), urls.superuser].map(
      (connectionString) => new pg.Client({ connectionString }),
    ) as [pg.Client, pg.Client];
    for (const client of [erp, effects]) {
      await client.connect();
      ends.push(() => client.end());
    }
    const crashes: string[] = [];
    const consumers: Consumer[] = [];
    ends.push(() => Promise.all(consumers.map((consumer) => consumer.kill())));
    const planes = planesOf(platform);
    return {
      platform,
      broker,
      cards,
      erp,
      effects,
      crashes,
      startConsumer: ({ retry = null, poison = [], dataUrl = planes.dataUrl, env = {} } = {}) => {
        const brokers = broker?.brokers ?? null;
        const number = consumers.length + 1;
        const of = { ...planes, dataUrl };
        const task = { number, planes: of, brokers, effectsUrl: urls.worker, retry, poison };
        const consumer = startConsumer(task, logDir, (what) => crashes.push(what), env);
        consumers.push(consumer);
        return consumer;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function planesOf(platform: BenchPlatform) {
  const env = platform.environment('erp-worker');
  const of = (name: string) => {
    const value = env[name];
    if (value === undefined) throw new Error(`a worker has no ${name}`);
    return value;
  };
  return {
    controlUrl: of('CONTROL_INTERNAL_URL'),
    dataUrl: of('DATA_INTERNAL_URL'),
    clientId: of('SERVICE_CLIENT_ID'),
    clientSecret: of('SERVICE_CLIENT_SECRET'),
  };
}

/** Cards in the stages of the board, whose ids are in the order in which a run picks them. */
async function layCards(platform: BenchPlatform): Promise<string[]> {
  const host = 'acme.localhost';
  const { accessToken } = await signIn(platform.urls.control, host, 'admin@acme.test');
  // An organization without stages gets them by looking.
  const headers = { ...plainHeaders(host), authorization: `Bearer ${accessToken}` };
  const board = await call(`${platform.urls.data}/api/erp/production/board`, { headers });
  if (board.status !== 200) throw new Error(`the board was answered with ${board.status}: ${board.body.slice(0, 300)}`);
  await fillBoard(platform.superuserUrl('erp-1'));
  const rows = await runSql(
    platform.superuserUrl('erp-1'),
    `select id from erp_production_jobs where tenant_id = $1 and status = 'open' order by id limit $2`,
    [benchOwner.tenantId, cardCount],
  );
  const cards = (rows as { id: string }[]).map(({ id }) => id);
  if (cards.length < cardCount) throw new Error(`${cards.length} cards, ${cardCount} are wanted`);
  // What the seeds told is not counted.
  await runSql(platform.superuserUrl('erp-1'), 'delete from outbox_events where topic = $1', [soakTopic]);
  return cards;
}

/** A database with an inbox, as a plane's; nothing in the table of effects keeps one from being there twice. */
async function createEffects(platform: BenchPlatform): Promise<{ superuser: string; worker: string }> {
  const url = await platform.addControlDatabase('soak_effects');
  const table = (name: string) => `create table ${name} (seq bigint generated always as identity primary key,
    event_id uuid not null, card uuid not null, version int not null, worker int not null,
    happened_at timestamptz not null, written_at timestamptz not null default clock_timestamp());
    create index on ${name} (event_id);
    grant select, insert on ${name} to control_platform`;
  await runSql(url('superuser'), `${table('soak_effects')}; ${table('soak_repeats')}`);
  return { superuser: url('superuser'), worker: url('control_platform') };
}
