/** A worker whose effects are rows of a database of its own, each written with its entry of the inbox in one transaction. */
import { DependencyAway, type EventBus } from '@platen/chassis/bus/bus';
import { firstTime } from '@platen/chassis/bus/inbox';
import { createKafkaBus } from '@platen/chassis/bus/kafka/consumer';
import { createPullBus } from '@platen/chassis/bus/pull-consumer';
import { statement } from '@platen/chassis/db/statement';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { AppError } from '@platen/chassis/http/app-error';
import { createLogger } from '@platen/chassis/log/logger';
import type { CloudEvent } from '@platen/schema/events/cloud-event';
import type { EventData } from '@platen/schema/events/index';
import { createInternalClient, createServiceToken } from '@platen/sdk/internal';
import {
  type ConsumerNews,
  type ConsumerOrder,
  type ConsumerTask,
  soakConsumer,
  soakTopic,
  takeOverSeconds,
} from './consumer-task.js';

const insert = (table: 'effects' | 'repeats') =>
  statement<{ seq: string }>(
    `soak_${table}`,
    `insert into soak_${table} (event_id, card, version, worker, happened_at)
     values ($1::uuid, $2::uuid, $3::int, $4::int, $5::timestamptz) returning seq::text`,
  );
const inserts = { effect: insert('effects'), repeat: insert('repeats') };

// The parent's own words.
const task = JSON.parse(process.argv[2] ?? '{}') as ConsumerTask;
const log = createLogger({ service: `soak-${task.number}`, level: 'info' });
const database = systemDatabase({ name: 'soak', url: task.effectsUrl, poolSize: 4 });
const poison = new Set(task.poison);
const stopping = new AbortController();
let round: number | null = null;
let letGo: (() => void) | null = null;

function obey(order: ConsumerOrder): void {
  if (order.kind === 'mend') poison.delete(order.poison);
  else round = order.kind === 'hold' ? order.round : null;
  if (order.kind === 'go') letGo?.();
}
process.on('message', obey);
process.once('SIGTERM', () => stopping.abort());
process.once('disconnect', () => process.exit(1));
const tell = (news: ConsumerNews) => void process.send?.(news);
tell({ kind: 'ready' });

/** Until it is killed, or let go. */
async function hold(eventId: string, ofRound: number): Promise<void> {
  const released = new Promise<void>((resolve) => {
    const before = letGo;
    letGo = () => {
      before?.();
      resolve();
    };
  });
  tell({ kind: 'held', round: ofRound, eventId });
  await released;
}

function openBus(): EventBus {
  const { controlUrl, dataUrl, clientId, clientSecret } = task.planes;
  const token = createServiceToken({ baseUrl: controlUrl, credentials: { clientId, clientSecret } });
  const { outbox } = createInternalClient({ contracts: 'data', baseUrl: dataUrl, token });
  if (task.brokers === null) return createPullBus({ client: outbox, log, leaseSeconds: takeOverSeconds });
  const kafka = { brokers: [...task.brokers], clientId: 'soak', ssl: false, topicPrefix: '' };
  return createKafkaBus({ kafka, letters: outbox, log, sessionSeconds: takeOverSeconds });
}

/** Answers whether it was not there yet. */
async function writeEffect(event: CloudEvent, card: string, version: number): Promise<boolean> {
  try {
    return await database.transaction(async (tx) => {
      const entry = { tenantId: event.tenantid, consumer: soakConsumer, eventId: event.id };
      const isFirst = await firstTime(tx, entry);
      await tx.query(isFirst ? inserts.effect : inserts.repeat, [event.id, card, version, task.number, event.time]);
      return isFirst;
    });
  } catch (error) {
    // A machine that is short of processors lets connections wait too long: no fault of the event's.
    if (error instanceof AppError && error.code === 'database_unavailable') throw new DependencyAway(error.message);
    throw error;
  }
}

await openBus().consume({
  consumer: soakConsumer,
  topics: [soakTopic],
  signal: stopping.signal,
  ...(task.retry && { retry: task.retry }),
  handler: async ({ event }) => {
    // The topic has these events for cards that nobody moves.
    const { job_id: card, version } = event.data as EventData<'erp.production_job.changed'>;
    if (poison.has(`${card}:${version}`)) throw new Error('this one always fails');
    const isFirst = await writeEffect(event, card, version);
    if (isFirst && round !== null) await hold(event.id, round);
  },
});
await database.close();
process.exit(0);
