import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { kafkaIsMissing } from '../../testkit/kafka-server.js';
import { feed, keys } from './effects.fixture.js';
import { openTopic } from './kafka.fixture.js';

const crashes = Number(process.env['KAFKA_TEST_CRASHES'] ?? 2);
const child = fileURLToPath(new URL('./consumer.child.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  /** How many events it was given. */
  readonly handled: number;
}

function consume(task: object): { readonly ended: Promise<Ended>; stop(): void } {
  const running = spawn(process.execPath, [child, JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let handled = 0;
  running.stdout.on('data', (dots: Buffer) => {
    handled += dots.length;
  });
  // `close` comes after what was written.
  const ended = once(running, 'close').then(([code, signal]) => ({ code, signal, handled }));
  return { ended, stop: () => void running.kill() };
}

test(`a consumer is killed between effect and commit, ${crashes} times: each event's effect is there once, in order`, {
  skip: kafkaIsMissing,
}, async (t) => {
  const topic = await openTopic(t, { partitions: 3 });
  const folder = await mkdtemp(path.join(tmpdir(), 'platen-kafka-crash-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'effects');
  await writeFile(file, '');
  const rounds = 2 + crashes;
  const total = rounds * keys.length;
  await feed(topic, rounds);
  let handled = 0;
  for (let crash = 1; crash <= crashes; crash += 1) {
    const ended = await consume({ place: topic.place, file, dieAfter: 1 + ((crash * 17) % keys.length) }).ended;
    t.equal(ended.signal, 'SIGKILL');
    handled += ended.handled;
  }
  const last = consume({ place: topic.place, file, dieAfter: null });
  const gone = new AbortController();
  void last.ended.finally(() => gone.abort());
  await topic.untilCommitted(total, gone.signal);
  last.stop();
  const ended = await last.ended;
  t.match(ended, { code: 0, signal: null }, 'the last one stops as it should');
  handled += ended.handled;
  const effects = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
  const expected = Array.from({ length: rounds }, (_, index) => `${index + 1}`);
  t.equal(effects.length, total);
  for (const key of keys) {
    const ofKey = effects.map((line) => line.split(' ')).filter(([subject]) => subject === key);
    t.same(
      ofKey.map(([, ordinal]) => ordinal),
      expected,
    );
  }
  t.equal(
    (await topic.committed()).reduce((sum, offset) => sum + offset, 0),
    total,
  );
  t.comment(`measured: ${handled} deliveries for ${total} effects through ${crashes} crashes`);
});
