import { appendFileSync, readFileSync } from 'node:fs';
import { createLogger } from '../../log/logger.js';
import { createKafkaBus } from './consumer.js';
import { ordinalOf, standInLetters } from './kafka.fixture.js';
import type { KafkaPlaceSettings } from './settings.js';

/**
 * A consumer as a process of its own, whose effects are lines of a file, once for each event. After so many of them it dies,
 * before it can commit the last; or it stops when all are there.
 */
interface Task {
  readonly place: KafkaPlaceSettings;
  readonly file: string;
  readonly dieAfter: number | null;
  readonly total: number;
}

// The test's own words.
const { place, file, dieAfter, total } = JSON.parse(process.argv[2] ?? '{}') as Task;
const inbox = new Set(readFileSync(file, 'utf8').split('\n').slice(0, -1));
const stopping = new AbortController();
let effects = 0;
if (inbox.size === total) stopping.abort();

await createKafkaBus({
  kafka: place,
  letters: standInLetters(),
  log: createLogger({ service: 'consumer', level: 'warn' }),
  sessionSeconds: 6,
}).consume({
  consumer: 'suite',
  topics: ['erp.quote'],
  signal: stopping.signal,
  handler: async ({ event }) => {
    const line = `${event.subject} ${ordinalOf(event)}`;
    process.stdout.write('.');
    if (inbox.has(line)) return;
    appendFileSync(file, `${line}\n`);
    inbox.add(line);
    effects += 1;
    if (effects === dieAfter) process.kill(process.pid, 'SIGKILL');
    if (inbox.size === total) stopping.abort();
  },
});
