import { randomBytes } from 'node:crypto';
import { eventSources } from '@platen/schema/events/cloud-event';
import { Kafka, logLevel } from 'kafkajs';
import type { Test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { openDatabase } from '../../db/database.js';
import { statement } from '../../db/statement.js';
import { type SystemDatabase, systemDatabase } from '../../db/system-database.js';
import { type TestDatabase, testDatabase } from '../../testkit/database.js';
import { asSuperuser } from '../../testkit/database-templates.js';
import { recordLog } from '../../testkit/http.js';
import type { KafkaPlace } from '../../testkit/kafka-server.js';
import { patient } from '../../testkit/patient.js';
import { insertEvent } from '../outbox.js';
import { type Sequencer, startSequencer } from '../sequencer.js';
import { openProducer } from './producer.js';
import { type RelayedEvent, readMessage } from './read-message.js';
import { type Relay, type RelayOptions, startRelay } from './relay.js';

const aggregates = 12;
const bump = statement<{ n: string }>(
  'test.bump',
  'update test_aggregates set n = n + 1 where id = $1 returning n::text',
);

export interface RelayedDatabase extends TestDatabase {
  readonly system: SystemDatabase;
  readonly sequencer: Sequencer;
  /** A relay of this process. */
  startRelay(kafka: KafkaPlace, settings?: Pick<RelayOptions, 'leaseSeconds' | 'drainMs'>): Relay;
  /** Transactions by many at once, of many tenants' worth of keys; one in ten is rolled back. How many were committed. */
  write(transactions: number): Promise<number>;
  /** One event of an aggregate that nobody else writes. */
  writeOne(aggregateId: string, number: string): Promise<string>;
}

export const topics = ['erp.quote', 'platform.tenant'] as const;

/** A database with its sequencer. */
export async function openRelayedDatabase(t: Test): Promise<RelayedDatabase> {
  const urls = await testDatabase(t, 'erp');
  await asSuperuser(urls.superuserUrl, (client) =>
    client.query(`create table test_aggregates (id integer primary key, n integer not null default 0);
      insert into test_aggregates (id) select generate_series(1, ${aggregates});
      grant select, update on test_aggregates to platen_app`),
  );
  const { log } = recordLog();
  const app = openDatabase({ name: 'test', url: urls.appUrl, poolSize: 10, perTenantShare: 1, ...patient });
  const system = systemDatabase({ name: 'test', url: urls.systemUrl, poolSize: 3, ...patient });
  const sequencer = startSequencer({ url: urls.systemUrl, name: 'test', log });
  t.teardown(async () => {
    await sequencer.stop();
    await Promise.all([app.close(), system.close()]);
  });
  const [tenantId, organizationId] = [uuidv7(), uuidv7()];
  const origin = {
    correlationId: 'test',
    traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
    tenant: { id: tenantId },
    organizationId,
    workspaceId: null,
    newId: () => uuidv7(),
  };
  const db = app.scoped({ tenantId, organizationId, workspaceId: null });

  async function writeSome(): Promise<boolean> {
    const aggregate = 1 + Math.floor(Math.random() * aggregates);
    const isRolledBack = Math.random() < 0.1;
    const done = db.transaction(async (tx) => {
      const [row] = await tx.query(bump, [aggregate]);
      const data = { quote_id: uuidv7(), number: row?.n ?? '' };
      insertEvent(tx, origin, { type: 'erp.quote.accepted', aggregateId: String(aggregate), data });
      if (isRolledBack) throw new Error('rolled back');
    });
    await (isRolledBack ? done.catch(() => undefined) : done);
    return !isRolledBack;
  }

  return {
    ...urls,
    system,
    sequencer,
    startRelay(kafka, settings = {}) {
      const topicSettings = { partitions: 3, replication: 1 };
      const place = { brokers: [...kafka.brokers], clientId: 'test', ssl: false, topicPrefix: kafka.topicPrefix };
      const relay = startRelay({
        database: { key: 'test', system, sequencer },
        eventSource: eventSources.dataPlane,
        openProducer: () => openProducer({ kafka: place, topics: topicSettings, log }),
        log,
        ...settings,
      });
      t.teardown(() => relay.stop());
      return relay;
    },
    async write(transactions) {
      let committed = 0;
      let left = transactions;
      const writer = async () => {
        while (left > 0) {
          left -= 1;
          if (await writeSome()) committed += 1;
        }
      };
      await Promise.all(Array.from({ length: 8 }, writer));
      return committed;
    },
    async writeOne(aggregateId, number) {
      return db.transaction(async (tx) => {
        await tx.query(bump, [1]);
        const data = { quote_id: uuidv7(), number };
        return insertEvent(tx, origin, { type: 'erp.quote.accepted', aggregateId, data });
      });
    },
  };
}

export interface SeenEvent extends RelayedEvent {
  readonly position: bigint;
  readonly contentType: string;
  readonly traceparent: string;
  readonly number: string;
}

export interface Reader {
  readonly seen: readonly SeenEvent[];
  /** Resolves when so many different events have come. */
  until(events: number): Promise<void>;
}

/** Reads what the relay put into the topic of quotes, from its beginning; the topic must be there. */
export async function readTopic(t: Test, { brokers, topicPrefix }: KafkaPlace): Promise<Reader> {
  const kafka = new Kafka({ brokers: [...brokers], clientId: 'test-reader', logLevel: logLevel.NOTHING });
  const groupId = `${topicPrefix}reader-${randomBytes(4).toString('hex')}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, retry: { retries: 20, maxRetryTime: 500 } });
  await consumer.connect();
  await consumer.subscribe({ topics: [`${topicPrefix}erp.quote`], fromBeginning: true });
  const seen: SeenEvent[] = [];
  const ids = new Set<string>();
  let tell: () => void = () => undefined;
  await consumer.run({
    eachMessage: async ({ message }) => {
      const read = readMessage('erp.quote', message);
      if (typeof read === 'string') throw new Error(read);
      const header = (name: string) => String(message.headers?.[name]);
      // Of the only type that is written here.
      const { number } = read.event.data as { number: string };
      const position = BigInt(header('position'));
      seen.push({ ...read, position, contentType: header('content-type'), traceparent: header('traceparent'), number });
      ids.add(read.event.id);
      tell();
    },
  });
  t.teardown(() => consumer.disconnect());
  return {
    seen,
    until: (events) =>
      new Promise((resolve) => {
        tell = () => {
          if (ids.size >= events) resolve();
        };
        tell();
      }),
  };
}

/** Which number of a key is the first to come before an earlier one; undefined: none. Repeats do not count. */
export function firstOutOfOrder(seen: readonly SeenEvent[]): string | undefined {
  const lastOf = new Map<string, number>();
  const known = new Set<string>();
  for (const { key, event, number } of seen) {
    if (known.has(event.id)) continue;
    known.add(event.id);
    if (Number(number) <= (lastOf.get(key) ?? 0)) return `${number} of ${key}`;
    lastOf.set(key, Number(number));
  }
  return undefined;
}
