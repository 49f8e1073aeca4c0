import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openProducer } from '@platen/chassis/bus/kafka/producer';
import { startServiceProcess } from '@platen/chassis/service-process/start';
import { recordLog } from '@platen/chassis/testkit/http';
import { kafkaIsMissing, testKafka } from '@platen/chassis/testkit/kafka-server';
import { freePort } from '@platen/chassis/testkit/programs';
import { test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { sampleAccountMail, startFakePlanes } from './planes.fixture.js';

test('a worker that reads from Kafka mails what both planes tell, and goes on where another stopped', {
  skip: kafkaIsMissing,
}, async (t) => {
  const { brokers, topicPrefix } = await testKafka(t);
  const planes = await startFakePlanes(t);
  const dataDir = await mkdtemp(path.join(tmpdir(), 'platen-worker-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const producer = await openProducer({
    kafka: { brokers: [...brokers], topicPrefix, clientId: 'test', ssl: false },
    topics: { partitions: 2, replication: 1 },
    log: recordLog().log,
  });
  t.teardown(() => producer.close());
  /** As the relay does. */
  async function relayLast(topic: string): Promise<void> {
    const last = planes.events.at(-1);
    if (!last) throw new Error('nothing was told');
    const { key, event, position } = last;
    await producer.send([{ topic, key, value: JSON.stringify(event), headers: { source: 'fake-source', position } }]);
  }
  async function startWorker() {
    const port = await freePort();
    const worker = await startServiceProcess({
      name: 'erp-worker',
      entry: fileURLToPath(new URL('./main.js', import.meta.url)),
      logFile: path.join(dataDir, 'worker.log'),
      readyUrl: `http://127.0.0.1:${port}/health`,
      env: {
        NODE_ENV: 'test',
        CONTROL_INTERNAL_URL: planes.url,
        DATA_INTERNAL_URL: planes.url,
        SERVICE_CLIENT_ID: planes.credentials.id,
        SERVICE_CLIENT_SECRET: planes.credentials.secret,
        WORKER_HEALTH_PORT: String(port),
        PLATEN_DATA_DIR: dataDir,
        EVENT_BUS: 'kafka',
        KAFKA_BROKERS: brokers.join(','),
        KAFKA_TOPIC_PREFIX: topicPrefix,
      },
    });
    t.teardown(() => worker.kill());
    return worker;
  }

  const asked = planes.nextMailCall();
  const quoteEvent = planes.sendQuote(uuidv7());
  await relayLast('erp.quote');
  const first = await startWorker();
  await asked;
  // What was begun is finished and committed.
  await first.stop();

  const told = planes.loseNextDelivered();
  const mailEvent = planes.queueAccountMail({ mail: sampleAccountMail, withheld: null });
  await relayLast('platform.user');
  const second = await startWorker();
  t.equal(await told, mailEvent);
  await second.kill();
  t.same(planes.mailCalls, [`test-${quoteEvent}`, `test-${mailEvent}`], 'each once: the first is not handled again');
  const mails = [quoteEvent, mailEvent].map((id) => `${id}@platen.localhost.eml`);
  t.same((await readdir(path.join(dataDir, 'mail'))).sort(), mails.sort());
});
