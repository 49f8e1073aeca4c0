import { setTimeout as delay } from 'node:timers/promises';
import { firstTime } from '@platen/chassis/bus/inbox';
import { createKafkaBus } from '@platen/chassis/bus/kafka/consumer';
import { openProducer } from '@platen/chassis/bus/kafka/producer';
import { startRelay } from '@platen/chassis/bus/kafka/relay';
import { startSequencer } from '@platen/chassis/bus/sequencer';
import { statement } from '@platen/chassis/db/statement';
import { type SystemDatabase, systemDatabase } from '@platen/chassis/db/system-database';
import { createLogger } from '@platen/chassis/log/logger';
import { kafkaIsMissing, startTestKafka, type TestKafka } from '@platen/chassis/testkit/kafka-server';
import { eventSources } from '@platen/schema/events/cloud-event';
import type { Topic } from '@platen/schema/events/index';
import { runSql } from '../environment/platform.js';
import { percentile, spreadOf } from '../measure/statistics.js';
import { type Result, type Row, type RowContext, single } from './row.js';

const perSecond = 200;
const log = createLogger({ service: 'bench', level: 'warn' });

export const kafka: Row = {
  name: 'kafka',
  title: 'Events through a Kafka broker on this machine',
  unavailable: () => (kafkaIsMissing === false ? null : kafkaIsMissing),
  async run(context) {
    const platform = await context.platform();
    const url = await platform.addControlDatabase('bench_kafka');
    const system = systemDatabase({ name: 'bench', url: url('control_platform'), poolSize: 6 });
    const sequencer = startSequencer({ url: url('control_platform'), name: 'bench', log });
    const broker = await startTestKafka();
    const chain: Chain = { system, sequencer, broker, superuserUrl: url('superuser') };
    try {
      return [await relayResult(chain, context), ...(await effectResults(chain, context))];
    } finally {
      await sequencer.stop();
      await Promise.all([system.close(), broker.stop()]);
    }
  },
};

interface Chain {
  readonly system: SystemDatabase;
  readonly sequencer: ReturnType<typeof startSequencer>;
  readonly broker: TestKafka;
  readonly superuserUrl: string;
}

const place = ({ broker }: Chain) => ({ brokers: [...broker.brokers], clientId: 'bench', ssl: false, topicPrefix: '' });

function relay(chain: Chain) {
  const topics = { partitions: 12, replication: 1 };
  return startRelay({
    database: { key: 'bench', system: chain.system, sequencer: chain.sequencer },
    eventSource: eventSources.controlPlane,
    openProducer: () => openProducer({ kafka: place(chain), topics, log }),
    log,
  });
}

/** Some 500 bytes as JSON, with its envelope 1,000. */
const columns = '(tenant_id, id, topic, key, type, payload, correlation_id)';
const rowOf = (topic: Topic, n: string) => `'0196f000-0000-7000-8000-000000000001', gen_random_uuid(), '${topic}',
  '0196f000-0000-7000-8000-000000000001:' || ${n} % 500, '${topic}.confirmed',
  jsonb_build_object('order_id', gen_random_uuid(), 'number', 'O-' || ${n}, 'note', repeat('for the shop at the corner ', 16)),
  'bench-0123456789'`;

const progress = statement<{ left: string }>(
  'bench_kafka_progress',
  `select count(*)::text as left from outbox_events
   where position is null or position > coalesce(
     (select position from outbox_positions where consumer = '@relay'), 0)`,
);
const unsequenced = statement<{ left: string }>(
  'bench_kafka_unsequenced',
  'select count(*)::text as left from outbox_events where position is null',
);

async function untilNone(system: SystemDatabase, of: typeof progress): Promise<void> {
  while ((await system.query(of))[0]?.left !== '0') await delay(5);
}

/** A backlog, as after an outage of the broker: from the relay's start until the last event is noted as relayed. */
async function relayResult(chain: Chain, { effort }: RowContext): Promise<Result> {
  const events = Math.round(40_000 * effort.scale);
  const micros: number[] = [];
  const cpuMicros: number[] = [];
  for (let round = 0; round < effort.rounds; round += 1) {
    await runSql(
      chain.superuserUrl,
      `insert into outbox_events ${columns} select ${rowOf('erp.quote', 'n')} from generate_series(1, ${events}) n`,
    );
    await untilNone(chain.system, unsequenced);
    const startedAt = performance.now();
    const cpu = process.cpuUsage();
    const started = relay(chain);
    await untilNone(chain.system, progress);
    cpuMicros.push(cpuSince(cpu) / events);
    micros.push(((performance.now() - startedAt) * 1_000) / events);
    await started.stop();
  }
  const value = spreadOf(micros);
  return {
    label: 'outbox to broker, an event of a backlog',
    unit: 'µs',
    value,
    must: 200,
    goal: 50,
    detail: `${Math.round(1e6 / value.median)} events/s, with connecting; ${spreadOf(cpuMicros).median.toFixed(0)} µs CPU of Node; ${events} events of 1 KB`,
  };
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

const write = statement<{ id: string }>(
  'bench_kafka_write',
  `insert into outbox_events ${columns} values (${rowOf('erp.order', '$1::int')}) returning id`,
);

/** The effect is a row of a database of ours, written once: its transaction's end counts. */
async function effectResults(chain: Chain, { effort }: RowContext): Promise<Result[]> {
  const events = Math.round(4_000 * effort.scale);
  const committedAt = new Map<string, number>();
  const effectAt = new Map<string, number>();
  const relayed = relay(chain);
  const stopping = new AbortController();
  let cpuMs = 0;
  const consuming = createKafkaBus({ kafka: place(chain), letters: noLetters, log }).consume({
    consumer: 'bench',
    topics: ['erp.order'],
    signal: stopping.signal,
    handler: async ({ event }) => {
      const entry = { tenantId: event.tenantid, consumer: 'bench', eventId: event.id };
      const isFirst = await chain.system.transaction((tx) => firstTime(tx, entry));
      if (isFirst) effectAt.set(event.id, performance.now());
    },
  });
  const cpu = process.cpuUsage();
  try {
    // The group has been joined.
    await untilWarm(chain, effectAt);
    const startedAt = performance.now();
    await Promise.all(
      Array.from({ length: events }, async (_, n) => {
        await delay(startedAt + (n * 1_000) / perSecond - performance.now());
        const [row] = await chain.system.query(write, [n]);
        if (row) committedAt.set(row.id, performance.now());
      }),
    );
    while ([...committedAt.keys()].some((id) => !effectAt.has(id))) await delay(50);
  } finally {
    cpuMs = cpuSince(cpu) / 1_000 / events;
    stopping.abort();
    await Promise.all([consuming, relayed.stop()]);
  }
  const waits = [...committedAt].map(([id, at]) => Math.max(0, (effectAt.get(id) ?? Number.POSITIVE_INFINITY) - at));
  const value = (share: number) => single(percentile(waits, share));
  return [
    { label: `commit to effect at ${perSecond} events/s, p50`, unit: 'ms', value: value(50) },
    {
      label: 'the same, p99',
      unit: 'ms',
      value: value(99),
      must: 1_000,
      goal: 150,
      detail: `${events} events; the effect is an inbox row, committed; ${cpuMs.toFixed(1)} ms CPU of Node an event, with writing it`,
    },
  ];
}

async function untilWarm({ system }: Chain, effectAt: ReadonlyMap<string, number>): Promise<void> {
  const [row] = await system.query(write, [0]);
  while (row && !effectAt.has(row.id)) await delay(50);
}

/** No handler here fails. */
const noLetters: Parameters<typeof createKafkaBus>[0]['letters'] = {
  park: () => Promise.reject(new Error('an event of a measurement failed')),
  parkedKeys: async () => ({ keys: [] }),
  retries: (_query, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
  settle: async () => undefined,
};
