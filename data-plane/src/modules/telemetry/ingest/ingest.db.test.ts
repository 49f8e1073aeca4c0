import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { telemetryEngines } from '@platen/chassis/testkit/database';
import { withinOneDay } from '@platen/chassis/testkit/one-day';
import type { Test } from 'tap';
import t from 'tap';
import type { Answer, TestTenant } from '../../../testkit/test-plane.js';
import { type IngestPlane, openIngest } from './ingest.fixture.js';

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** Of a day that has a partition only when something is sent. */
const fromMs = Math.floor(Date.now() / dayMs) * dayMs - 20 * dayMs;
const reading = (tsMs: number, more: object = {}) => ({
  ...{ device: 'press-1', metric: 'pieces', ts: new Date(tsMs).toISOString(), value: tsMs / 1000 },
  ...more,
});
const counts = ({ status, body }: Answer) => [status, body.accepted, body.duplicates, body.refused_count];
const refusals = ({ body }: Answer) =>
  body.refused.map(({ line, code }: { line: number; code: string }) => [line, code]);

for (const { engine, skip } of telemetryEngines) {
  t.test(`readings on ${engine}`, { skip }, async (t) => {
    const ingest = await openIngest(t, engine);
    const acme = await ingest.addTenant('acme');
    const other = await ingest.addTenant('other', {}, ['theirs']);
    await t.test('what is good is stored once, the rest told line by line', (t) => partly(t, ingest, acme, other));
    await t.test('in every form', (t) => forms(t, ingest, acme));
    await t.test('many at once with the same keys', (t) => atOnce(t, ingest, acme));
    await t.test('as an event, which counts once', (t) => asEvent(t, ingest, acme));
    await t.test('up to what the plan allows in a day', async (t) =>
      limited(t, ingest, await ingest.addTenant('small', { points_per_day: 5 })),
    );
  });
}

async function partly(t: Test, { send, sql, stored }: IngestPlane, acme: TestTenant, other: TestTenant): Promise<void> {
  await sql`insert into tel_retention_policies ${sql({ tenant_id: acme.id, organization_id: acme.organizationIds[0], id: randomUUID(), raw_days: 40, rollup_days: 400 })}`;
  const now = Date.now();
  const readings = [
    reading(fromMs + 5 * minuteMs),
    reading(fromMs, { device: 'PRESS-1', value: true }),
    reading(fromMs, { device: 'theirs' }),
    reading(fromMs, { device: 'far' }),
    reading(fromMs, { device: undefined }),
    reading(fromMs, { metric: 'speed' }),
    reading(fromMs, { device: 'press-2' }),
    reading(now - 40 * dayMs),
    reading(now - 39 * dayMs),
    reading(now + 2 * 60 * minuteMs),
    reading(now + 30 * minuteMs),
    reading(fromMs, { value: 'hot' }),
    reading(fromMs + 5 * minuteMs, { value: -1 }),
  ];
  const first = await send(acme, { readings });
  t.same(counts(first), [200, 4, 1, 8]);
  t.same(refusals(first), [
    [3, 'unknown_device'],
    [4, 'unknown_device'],
    [5, 'unknown_device'],
    [6, 'unknown_metric'],
    [7, 'device_disabled'],
    [8, 'too_old'],
    [10, 'ahead_of_time'],
    [12, 'malformed'],
  ]);
  t.match(first.body.refused[5], { detail: /^[\d-]+T[\d:.]+Z is older than what is kept/ });
  t.ok(Math.abs(first.body.clock_skew_ms - 30 * minuteMs) < 10_000, 'its clock is ahead');
  const rows = await stored(acme);
  t.same(
    rows.map(({ ts, value }) => [ts.getTime(), value]),
    [
      [now - 39 * dayMs, (now - 39 * dayMs) / 1000],
      [fromMs, 1],
      [fromMs + 5 * minuteMs, (fromMs + 5 * minuteMs) / 1000],
      [now + 30 * minuteMs, (now + 30 * minuteMs) / 1000],
    ],
    'to the millisecond, what came first stays',
  );
  const dirty =
    await sql`select device_no, metric_no, first_ts, last_ts from tel_dirty_buckets where tenant_id = ${acme.id} order by first_ts`;
  t.equal(dirty.length, 3, 'a span for each hour');
  t.same(counts(await send(acme, { readings })), [200, 0, 5, 8], 'a repeat changes nothing');
  t.equal(
    (await sql`select from tel_dirty_buckets where tenant_id = ${acme.id}`).length,
    3,
    'and leaves nothing to do',
  );
  t.same(await stored(other), [], 'nobody wrote for a device of another tenant');
}

async function forms(t: Test, { send, stored }: IngestPlane, acme: TestTenant): Promise<void> {
  const before = (await stored(acme)).length;
  const at = fromMs + dayMs;
  const lines = [0, 1, 2].map((n) => JSON.stringify(reading(at + n * minuteMs))).join('\n');
  const ndjson = { 'content-type': 'application/x-ndjson' };
  t.same(counts(await send(acme, `${lines}\nno json\n`, ndjson)), [200, 3, 0, 1]);
  const protocol = `press-1,hall=2 pieces=7i,temperature=1.5 ${at + 3 * minuteMs}\npress-1 pieces="text" ${at}\nwhat\n`;
  const influx = { 'content-type': 'text/plain; charset=utf-8' };
  const answer = await send(acme, gzipSync(protocol), { ...influx, 'content-encoding': 'gzip' }, '?precision=ms');
  t.same(counts(answer), [200, 2, 0, 2]);
  t.same(refusals(answer), [
    [2, 'malformed'],
    [3, 'malformed'],
  ]);
  t.equal((await stored(acme)).length, before + 5);
  t.match(await send(acme, '{', {}), { status: 400, body: { code: 'malformed_body' } });
  t.match(await send(acme, { readings: [], unit: 1 }), { status: 400, body: { code: 'validation_failed' } });
  t.match(await send(acme, Buffer.alloc(10_000_000, 32)), { status: 413, body: { code: 'body_too_large' } });
  const many = `${JSON.stringify(reading(at))}\n`.repeat(10_001);
  t.match(await send(acme, many, ndjson), { status: 413 });
  t.match(await send(acme, 'x', { 'content-type': 'text/csv' }), { status: 415 });
}

/** In orders that would wait for each other in a circle, were they stored as they come. */
async function atOnce(t: Test, { send, stored }: IngestPlane, acme: TestTenant): Promise<void> {
  const before = (await stored(acme)).length;
  const at = fromMs + 2 * dayMs;
  const readings = Array.from({ length: 300 }, (_, n) =>
    reading(at + (n % 150) * 1000, { metric: n < 150 ? 'pieces' : 'temperature' }),
  );
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) => send(acme, { readings: n % 2 === 0 ? readings : readings.toReversed() })),
  );
  t.equal(
    answers.reduce((sum, { body }) => sum + body.accepted, 0),
    300,
    'each is accepted once, whoever brought it',
  );
  t.ok(answers.every(({ status, body }) => status === 200 && body.accepted + body.duplicates === 300));
  t.equal((await stored(acme)).length, before + 300);
}

async function asEvent(t: Test, { plane, stored }: IngestPlane, acme: TestTenant): Promise<void> {
  const before = (await stored(acme)).length;
  const event = (
    readings: object[],
    scopes: Parameters<typeof plane.issuer.serviceToken>[0] = ['telemetry'],
    event_id = randomUUID(),
  ) =>
    plane.app.internal.inject({
      method: 'POST',
      url: `/internal/tenants/${acme.id}/readings`,
      headers: { authorization: `Bearer ${plane.issuer.serviceToken(scopes)}`, 'x-correlation-id': 'test-event-1' },
      payload: { organization_id: acme.organizationIds[0], event_id, readings },
    });
  const readings = [0, 1, 2].map((n) => reading(fromMs + 3 * dayMs + n));
  const eventId = randomUUID();
  const both = await Promise.all([event(readings, ['telemetry'], eventId), event(readings, ['telemetry'], eventId)]);
  t.same(both.map((answer) => answer.json().accepted).sort(), [0, 3], 'two at once are one');
  const more = await event([...readings, reading(fromMs + 3 * dayMs + 9)], ['telemetry'], eventId);
  t.equal(more.json().accepted, 0, 'whatever a repeat says');
  const refused = await event([reading(fromMs, { device: 'nobody' })]);
  t.match(refused.json(), { accepted: 0, refused: [{ line: 1, code: 'unknown_device' }] });
  t.equal((await stored(acme)).length, before + 3);
  t.equal((await event(readings, ['erp.job'])).statusCode, 403);
}

async function limited(t: Test, { plane, send, sql, stored }: IngestPlane, small: TestTenant): Promise<void> {
  const readings = (from: number, count: number) => ({
    readings: Array.from({ length: count }, (_, n) => reading(fromMs + 4 * dayMs + (from + n) * 1000)),
  });
  await withinOneDay();
  t.same(counts(await send(small, readings(0, 3))), [200, 3, 0, 0]);
  t.same(counts(await send(small, readings(0, 2))), [200, 0, 2, 0], 'what was there before does not count');
  const last = await send(small, readings(2, 4));
  t.same(counts(last), [200, 1, 1, 2], 'it is not known before what was there');
  t.same(refusals(last), [
    [3, 'limit_reached'],
    [4, 'limit_reached'],
  ]);
  t.same(counts(await send(small, readings(4, 1))), [200, 1, 0, 0]);
  const refused = await send(small, readings(9, 1));
  t.match(refused, { status: 429, body: { code: 'rate_limited', limit: 'points_per_day', allowed: 5 } });
  t.ok(Number(refused.headers['retry-after']) <= 86_400, 'until midnight in UTC');
  t.equal((await stored(small)).length, 5);

  const use = plane.app.background.find(({ name }) => name === 'use of readings');
  use?.start();
  await use?.stop();
  const day = new Date().toISOString().slice(0, 10);
  const [used] =
    await sql`select used::int from usage_counters where tenant_id = ${small.id} and limit_code = 'points_per_day' and period = ${day}`;
  t.same(used, { used: 5 });
  const [device] =
    await sql`select last_seen_at, clock_skew_ms, version from tel_devices where tenant_id = ${small.id} and code = 'press-1'`;
  t.match(device, { clock_skew_ms: Number, version: 1 });
  t.ok(Date.now() - device?.['last_seen_at'].getTime() < 60_000 && device?.['clock_skew_ms'] < -15 * dayMs);
}
