import { inboxSweep } from '@platen/chassis/bus/inbox';
import { addLetterMetrics } from '@platen/chassis/bus/letters-metrics';
import { addOutboxMetrics } from '@platen/chassis/bus/outbox-metrics';
import { outboxSweep } from '@platen/chassis/bus/outbox-sweep';
import { idempotencySweep } from '@platen/chassis/http/idempotency-sweep';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { Registry } from 'prom-client';
import { test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { readRows, startOutboxPlane } from './plane.fixture.js';

const topic = 'erp.quote';
const consumer = 'telemetry-worker';

test('the plumbing of a telemetry database is that of every other', async (t) => {
  const plane = await startOutboxPlane(t, ['telemetry_1'], 'telemetry');
  const [database] = plane.databases;
  if (!database) throw new Error('a plane has a database');
  const { outbox, deadLetters } = plane.client();
  await database.publish([
    { aggregateId: 'a', ordinal: 1 },
    { aggregateId: 'b', ordinal: 2 },
  ]);
  const owner = uuidv7();
  const { batches } = await outbox.pull({ consumer, topic, owner });
  t.match(batches, [{ events: [{ event: { data: { number: '1' } } }, { event: { data: { number: '2' } } }] }]);
  const source = batches[0]?.source ?? '';
  const first = batches[0]?.events[0]?.event.id ?? '';
  const letter = { event_id: first, tenant_id: database.tenantId, attempts: 8, error: 'no luck', retry_after_ms: null };
  t.match(await outbox.park({ source, consumer, topic, events: [letter] }), { events: [{ parked: true }] });
  t.match((await deadLetters.list({})).items, [{ event_id: first, state: 'dead' }]);

  const registry = new Registry();
  addOutboxMetrics(registry, plane.sequenced);
  addLetterMetrics(registry, plane.sequenced);
  const metrics = await registry.metrics();
  t.match(metrics, /outbox_lag_events\{database="telemetry_1",consumer="telemetry-worker",topic="erp.quote"\} 2/);
  t.match(metrics, /outbox_letters\{database="telemetry_1",consumer="telemetry-worker",state="dead"\} 1/);

  await asSuperuser(database.superuserUrl, async (client) => {
    await client.query(
      `insert into inbox_events (tenant_id, consumer, event_id, created_at)
       values ($1, 'x', gen_random_uuid(), now() - interval '40 days'), ($1, 'x', gen_random_uuid(), now())`,
      [database.tenantId],
    );
  });
  const sweeps = [idempotencySweep, inboxSweep, outboxSweep({ streamedTopics: [], isRelayed: false })];
  const swept: number[] = [];
  for (const { deleteSome } of sweeps) swept.push(await database.system.transaction((tx) => deleteSome(tx, 500)));
  t.same(swept, [0, 1, 0], 'as the system role, which has rights there');
  t.equal((await readRows(database, 'select 1 from inbox_events')).length, 1);
});
