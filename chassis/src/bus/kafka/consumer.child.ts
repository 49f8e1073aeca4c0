import { appendFileSync, readFileSync } from 'node:fs';
import { createLogger } from '../../log/logger.js';
import { createKafkaBus } from './consumer.js';
import { ordinalOf, standInLetters } from './kafka.fixture.js';
import type { KafkaPlaceSettings } from './settings.js';

/**
 * A consumer as a process of its own, whose effects are lines of a file, once for each event. After so many of them it dies,
 * before it can commit the last; or it goes on until it is told to stop.
 */
interface Task {
  readonly place: KafkaPlaceSettings;
  readonly file: string;
  readonly dieAfter: number | null;
}

// The test's own words.
const { place, file, dieAfter } = JSON.parse(process.argv[2] ?? '{}') as Task;
const inbox = new Set(readFileSync(file, 'utf8').split('\n').slice(0, -1));
const stopping = new AbortController();
let effects = 0;
process.once('SIGTERM', () => stopping.abort());

await createKafkaBus({
  kafka: place,
  letters: standInLetters(),
  // Standard output is a dot for each event that it is given.
  log: createLogger({ service: 'consumer', level: 'warn', destination: process.stderr }),
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
  },
});
