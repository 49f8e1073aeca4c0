import { test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { readMessage } from './read-message.js';

const tenantId = uuidv7();
const key = Buffer.from(`${tenantId}:q1`);
const headers = { source: 'a-database' };
const event = {
  specversion: '1.0',
  id: uuidv7(),
  source: 'urn:platen:data-plane',
  type: 'erp.quote.sent',
  time: '2026-03-01T09:30:00.000Z',
  subject: 'q1',
  tenantid: tenantId,
  organizationid: null,
  workspaceid: null,
  correlationid: 'test',
  traceparent: null,
  dataschema: 'platen:erp.quote.sent:1',
  data: { secret: 'canary' },
};
const value = (change: object = {}) => Buffer.from(JSON.stringify({ ...event, ...change }));

test('a message of the relay is its event', async (t) => {
  const read = readMessage('erp.quote', { key, headers, value: value() });
  t.same(read, { source: 'a-database', key: key.toString(), event });
});

test('types and attributes of a newer plane are taken', async (t) => {
  const newer = value({ type: 'erp.quote.framed', sampledrate: 7 });
  t.match(readMessage('erp.quote', { key, headers, value: newer }), { event: { sampledrate: 7 } });
});

test('what is no event of the topic says why, and nothing of what is in it', async (t) => {
  const wrong = {
    'no header `source`': { key, headers: {}, value: value() },
    'names no source': { key, headers: { source: 'canary '.repeat(10) }, value: value() },
    'names no source ': { key, headers: { source: '' }, value: value() },
    'not JSON': { key, headers, value: Buffer.from('{"secret": "canary') },
    'not JSON ': { key, headers, value: null },
    'not a CloudEvent: /specversion': { key, headers, value: value({ specversion: '0.3' }) },
    'not a CloudEvent': { key, headers, value: Buffer.from('"canary"') },
    'another topic': { key, headers, value: value({ type: 'erp.order.confirmed' }) },
    'another topic ': { key, headers, value: value({ type: 'erp.quotes.sent' }) },
    'not its tenant and subject': { key: Buffer.from('canary'), headers, value: value() },
    'not its tenant and subject ': { key: null, headers, value: value() },
  };
  for (const [why, message] of Object.entries(wrong)) {
    const read = readMessage('erp.quote', message);
    t.match(read, why.trim());
    t.notMatch(read, 'canary');
  }
});
