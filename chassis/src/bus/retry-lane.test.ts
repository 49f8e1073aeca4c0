import { once } from 'node:events';
import pLimit from 'p-limit';
import { test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { recordLog } from '../testkit/http.js';
import { defaultRetry, UnprocessableEvent } from './bus.js';
import type { LeasedLetter, LettersClient } from './letters-client.js';
import { runRetryLane } from './retry-lane.js';

const letter: LeasedLetter = {
  source: 'a source',
  topic: 'erp.quote',
  key: 'a key',
  position: '1',
  attempts: 1,
  event: {
    specversion: '1.0',
    id: uuidv7(),
    source: 'urn:platen:test',
    type: 'erp.quote.accepted',
    subject: uuidv7(),
    time: '2026-03-01T09:30:00.000Z',
    tenantid: uuidv7(),
    organizationid: uuidv7(),
    workspaceid: null,
    correlationid: 'test-retry',
    traceparent: null,
    dataschema: 'platen:erp.quote.accepted:1',
    data: {},
  },
};

test('that a letter is dead is told when it is stored: whoever hears it may replay or drop it', async (t) => {
  const told: string[] = [];
  const due = [letter];
  const stopping = new AbortController();
  const unasked = () => Promise.reject(new Error('nobody asks'));
  const client: LettersClient = {
    park: unasked,
    parkedKeys: unasked,
    async retries(_asked, { signal }) {
      const letters = due.splice(0);
      if (letters.length === 0 && !signal.aborted) await once(signal, 'abort');
      return { letters };
    },
    async settle({ result }) {
      told.push(`stored as ${result.outcome}`);
    },
  };
  await runRetryLane({
    client,
    consumer: 'test',
    topics: ['erp.quote'],
    owner: uuidv7(),
    handler: () => Promise.reject(new UnprocessableEvent('never')),
    retry: defaultRetry,
    limit: pLimit(1),
    capacity: 1,
    log: recordLog().log,
    observer: {
      dead() {
        told.push('dead');
        stopping.abort();
      },
    },
    stopping: stopping.signal,
    cut: new AbortController().signal,
    leaseSeconds: 15,
    waitSeconds: 25,
  });
  t.same(told, ['stored as failed', 'dead']);
});
