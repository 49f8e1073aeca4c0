import { test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import type { Statement, Value } from '../db/types.js';
import { insertEvent, outboxRowParameters, outboxRowSql, outboxRowValues } from './outbox.js';

const origin = {
  correlationId: 'test-origin',
  traceparent: null,
  tenant: { id: uuidv7() },
  organizationId: uuidv7(),
  workspaceId: null,
  newId: () => uuidv7(),
};

test('an event is deferred with its scope, topic and key', async (t) => {
  const deferred: [Statement<unknown>, readonly Value[]][] = [];
  const tx = {
    defer: (statement: Statement<unknown>, values: readonly Value[] = []) => deferred.push([statement, values]),
  };
  const quoteId = uuidv7();
  const data = { quote_id: quoteId, number: 'Q-1' };
  const id = insertEvent(tx, origin, { type: 'erp.quote.accepted', aggregateId: quoteId, data });
  t.equal(deferred.length, 1);
  t.same(deferred[0]?.[1], [
    origin.tenant.id,
    id,
    origin.organizationId,
    null,
    'erp.quote',
    `${origin.tenant.id}:${quoteId}`,
    'erp.quote.accepted',
    'test-origin',
    null,
    data,
  ]);
});

test('data that does not match its type fails here, not in a consumer', async (t) => {
  const tx = { defer: () => t.fail('nothing is written') };
  const data = { quote_id: 'not an id', number: 'Q-1' };
  t.throws(
    () => insertEvent(tx, origin, { type: 'erp.quote.accepted', aggregateId: 'x', data }),
    /erp\.quote\.accepted/,
  );
});

test('the part of a larger statement takes as many parameters as there are values', async (t) => {
  const sql = outboxRowSql({ firstParameter: 5, from: 'sent', payload: `'{}'::jsonb` });
  const numbers = [...sql.matchAll(/\$(\d+)::/g)].map(([, number]) => Number(number));
  t.same(
    numbers,
    Array.from({ length: outboxRowParameters }, (_, index) => 5 + index),
  );
  t.equal(
    outboxRowValues(origin, { type: 'erp.order.confirmed', aggregateId: 'x' }).values.length,
    outboxRowParameters,
  );
});
