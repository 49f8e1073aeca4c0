import { telemetryEngines } from '@platen/chassis/testkit/database';
import { jobRuns } from '@platen/schema/contracts/data/telemetry-job-runs';
import { telemetryJobEvents } from '@platen/schema/events/telemetry-job';
import fc from 'fast-check';
import t from 'tap';
import { Compile } from 'typebox/compile';
import { v7 as uuidv7 } from 'uuid';
import type { BoardBody } from '../../../test/production.fixture.js';
import { type Count, handOn, openFloor, settle } from './runs.fixture.js';

const [{ engine } = { engine: undefined }] = telemetryEngines;
if (engine === undefined) throw new Error('plain Postgres is always there');
const floor = await openFloor(t, engine);
const { at, start, started, end, send, call, made, job, run, tenant } = floor;
const [first, second] = tenant.workspaceIds;
const metric = await floor.metric();
const JobRunCheck = Compile(jobRuns.get.response);
const Progressed = Compile(telemetryJobEvents['telemetry.job.progressed']);

const stageOf = async (body: object = {}) =>
  (await made('POST', 'erp/production/stages', { code: floor.code(), name: 'Next', position: 950, ...body })).id;
const cardOf = async (id: string) => {
  const { stages } = await made<BoardBody>('GET', 'erp/production/board');
  return stages.flatMap(({ cards }) => cards).find((card) => card.id === id);
};
/** A job on a machine since the floor's beginning. */
async function machine(quantity: number, more: object = {}) {
  const [device, { ids, orderId }] = [await floor.device(), await floor.jobs([quantity])];
  const [jobId = ''] = ids;
  const body = { device_id: device.id, metric_id: metric.id, job_id: jobId, started_at: at(0), ...more };
  const { id } = await started(body);
  return { device, jobId, orderId, id, body };
}

t.test('what may be put on a machine', async (t) => {
  const [device, { ids }] = [await floor.device(), await floor.jobs([5])];
  const body = { device_id: device.id, metric_id: metric.id, job_id: ids[0] };
  const missing = uuidv7();
  const gauge = await floor.metric({ kind: 'gauge' });
  const unknown = (field: string) => ({
    status: 422,
    body: { code: 'unknown_reference', errors: [{ path: `/body/${field}` }] },
  });
  t.match(await start({ ...body, job_id: missing }), unknown('job_id'));
  t.match(await start({ ...body, device_id: missing }), unknown('device_id'));
  t.match(await start({ ...body, metric_id: missing }), unknown('metric_id'));
  t.match(await start({ ...body, metric_id: gauge.id }), unknown('metric_id'));
  t.match(await start({ ...body, next_stage_id: missing }), unknown('next_stage_id'));
  t.match(await start({ ...body, started_at: at(-86_400) }), { status: 400 });
  t.match(await start({ ...body, started_at: new Date(Date.now() + 120_000).toISOString() }), { status: 400 });
  t.match(await start({ ...body, pieces_per_count: 0 }), { status: 400 });
  t.match(await start(body, { permissions: [] }), { status: 403 });

  const early = await floor.jobs([5], { begun: false });
  t.match(await start({ ...body, job_id: early.ids[0] }), { status: 409, body: { code: 'illegal_transition' } });
  await made('POST', `erp/orders/${early.orderId}/cancel`, { reason: 'No' });
  t.match(await start({ ...body, job_id: early.ids[0] }), { status: 409, body: { code: 'illegal_transition' } });

  const ofFirst = (await floor.jobs([5], { ws: first })).ids[0];
  t.match(await start({ ...body, job_id: ofFirst }, { ws: second }), unknown('job_id'));
  t.match(await start(body, { ws: second }), unknown('job_id'), 'what belongs to all is not a workspace’s to record');
  const elsewhere = await floor.device({ ws: second });
  t.match(await start({ ...body, job_id: ofFirst, device_id: elsewhere.id }), unknown('device_id'));
  const off = await floor.device();
  await made('PATCH', `telemetry/devices/${off.id}`, { status: 'disabled' }, { ifMatch: off.version });
  t.match(await start({ ...body, device_id: off.id }), unknown('device_id'));
  const other = floor.plane.addTenant('globex', 'erp_1', { telemetry_db_key: 'telemetry_1' });
  const [theirs, their] = [await floor.device({}, other), await floor.metric({}, other)];
  const [of] = (await floor.jobs([5], {}, other)).ids;
  for (const [field, id] of [
    ['device_id', theirs.id],
    ['metric_id', their.id],
    ['job_id', of],
  ] as const)
    t.match(await start({ ...body, [field]: id }), unknown(field));

  const answer = await start({ ...body, job_id: ofFirst }, { ws: first });
  t.match(answer, { status: 201, body: { workspace_id: first, pieces: 0, pieces_per_count: 1, ended_at: null } });
  t.same([...JobRunCheck.Errors(answer.body)], []);
  const { id, version } = answer.body;
  t.equal((await call('GET', `telemetry/job-runs/${id}`, undefined, { ws: second })).status, 404);
  t.equal((await end(id, {}, { ws: second })).status, 404);
  const ofSecond = (await floor.jobs([5], { ws: second })).ids[0];
  t.match(await start({ ...body, job_id: ofSecond }, { ws: second }), { status: 409, body: { code: 'conflict' } });
  t.match(await end(id, {}, { ifMatch: version + 1 }), { status: 412 });
  t.match(await end(id, { ended_at: at(-1) }), { status: 400 });
  t.match(await end(id, {}, { permissions: [] }), { status: 403 });
  const over = await end(id, {}, { ws: first, ifMatch: version });
  t.match(over, { status: 200, body: { version: version + 1 } });
  t.match(await end(id), { status: 409, body: { code: 'illegal_transition' } });
  t.match(
    await start({ ...body, job_id: ofSecond, started_at: at(0) }, { ws: second }),
    {
      status: 409,
      body: { code: 'conflict' },
    },
    'it was on the machine then, in whichever workspace',
  );
  const whole = await started(body);
  t.match(await end(whole.id, {}, { ws: first }), { status: 403, body: { code: 'context_not_allowed' } });
  const runs = await made<{ items: { id: string }[] }>('GET', `telemetry/job-runs?device_id=${device.id}&open=true`);
  t.same(
    runs.items.map((item) => item.id),
    [whole.id],
  );
});

t.test('two at once: one of them is on the machine', async (t) => {
  const [device, { ids }] = [await floor.device(), await floor.jobs([5, 5])];
  const bodies = ids.map((job_id) => ({ device_id: device.id, metric_id: metric.id, job_id }));
  const both = await Promise.all(bodies.map((body) => start(body)));
  t.match(both.map(({ status }) => status).sort(), [201, /201|409/]);
  const again = await Promise.all([...bodies, ...bodies].map((body) => start(body)));
  for (const { status } of again) t.match(status, /201|409/);
  const { items } = await made<{ items: { started_at: string; ended_at: string | null }[] }>(
    ...(['GET', `telemetry/job-runs?device_id=${device.id}&limit=50`] as const),
  );
  t.equal(items.filter(({ ended_at }) => ended_at === null).length, 1);
  const inOrder = items.toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1));
  for (const [n, { ended_at }] of inOrder.slice(0, -1).entries())
    t.ok(ended_at !== null && ended_at <= (inOrder[n + 1]?.started_at ?? ''), 'one after the other');
  await floor.told();
});

t.test('pieces, the cycle and the end that is expected come to the card by themselves', async (t) => {
  const { device, jobId, id } = await machine(100);
  await handOn(floor);
  t.match(await cardOf(jobId), {
    quantity_done: 0,
    machine: { device_id: device.id, name: 'Press', cycle_seconds: null, expected_end_at: null },
  });
  // Before it began, then six a minute: from the fifth second of each, ten seconds apart.
  const counts: Count[] = [[-30, 1000], ...Array.from({ length: 24 }, (_, n): Count => [5 + n * 10, 1001 + n])];
  await send(device, metric, counts);
  await settle(floor);
  const card = await cardOf(jobId);
  t.equal(card?.quantity_done, 24);
  t.ok(Math.abs((card?.machine?.cycle_seconds ?? 0) - 10) < 1, `${card?.machine?.cycle_seconds}`);
  const expectedMs = Date.parse(card?.machine?.expected_end_at ?? '') - Date.parse(at(235));
  t.ok(Math.abs(expectedMs - 76 * 10_000) < 80_000, `${expectedMs} ms for 76 pieces`);
  t.match(await run(id), { pieces: 24, counted_until: at(235), version: 1 });

  const told = await send(device, metric, counts);
  t.match(told, { accepted: 0, duplicates: 25 });
  await settle(floor);
  t.same(await cardOf(jobId), card, 'twice is once');
  // The counter begins again, and what came before that comes late.
  await send(device, metric, [
    [260, 3],
    [300, 5],
  ]);
  await settle(floor);
  t.equal((await job(jobId)).quantity_done, 29);
  await send(device, metric, [
    [245, 1030],
    [240, 1026],
  ]);
  await settle(floor);
  t.equal((await job(jobId)).quantity_done, 35);

  await made('PATCH', `erp/production/jobs/${jobId}`, { quoted_minutes: 12 });
  t.equal((await end(id, { ended_at: at(301) })).status, 200);
  await handOn(floor);
  const done = await job(jobId);
  t.match(done, { quantity_done: 35, quoted_minutes: 12, actual_minutes: 5.02, machine: null });
  t.match(done.runs, [{ id, pieces: 35, recorded: 35, minutes: 5.02, ended_at: at(301) }]);
  const { items } = await made<{ items: { kind: string; quantity: number | null; reason: string | null }[] }>(
    ...(['GET', `erp/production/jobs/${jobId}/history`] as const),
  );
  t.match(
    items.filter(({ kind }) => kind.startsWith('machine')).sort((a, b) => (a.kind < b.kind ? 1 : -1)),
    [
      { kind: 'machine_started', reason: 'Press' },
      { kind: 'machine_ended', quantity: 35, reason: 'Press' },
    ],
  );
  const events = await floor.sql<{ type: string; payload: { machine: object | null; quantity_done: number } }>(
    `select type, payload from outbox_events where topic = 'erp.production_job' and payload ->> 'job_id' = $1 order by seq`,
    [jobId],
    floor.erp,
  );
  t.match(
    events.map(({ type, payload }) => [type.split('.').at(-1), payload.quantity_done, payload.machine === null]),
    [
      ['created', 0, true],
      ['machine_changed', 0, false],
      ['pieces_done', 24, false],
      ['pieces_done', 29, false],
      ['pieces_done', 35, false],
      ['changed', 35, false],
      ['machine_changed', 35, true],
    ],
  );
});

t.test('one job after the other on a machine: cut at one instant, nothing twice and nothing lost', async (t) => {
  const { device, jobId, id } = await machine(1000);
  const [other = ''] = (await floor.jobs([1000])).ids;
  const next = { device_id: device.id, metric_id: metric.id, job_id: other };
  await send(device, metric, [
    [0, 10],
    [10, 15],
    [59.999, 40],
    [60, 41],
    [61, 50],
  ]);
  t.match(await start({ ...next, started_at: at(-1) }), { status: 409, body: { code: 'conflict' } });
  const cut = await started({ ...next, started_at: at(60) });
  t.match(await run(id), { ended_at: at(60) });
  await settle(floor);
  t.same([(await job(jobId)).quantity_done, (await job(other)).quantity_done], [30, 10]);
  await send(device, metric, [[120, 60]]);
  await settle(floor);
  t.same([(await job(jobId)).quantity_done, (await job(other)).quantity_done], [30, 20]);
  t.match(await start({ ...next, started_at: at(90) }), { status: 409 }, 'what came after that is told already');
  t.match(await end(cut.id, { ended_at: at(90) }), { status: 409, body: { code: 'conflict' } });
  t.match(await run(cut.id), { ended_at: null, pieces: 20, version: 1 });
  t.equal((await end(cut.id, { ended_at: at(121) })).status, 200);
  t.match(await start({ ...next, started_at: at(100) }), { status: 409 }, 'nor while something else was on it');
  const third = await started({ ...next, started_at: at(130) });
  await send(device, metric, [
    [125, 62],
    [131, 70],
  ]);
  await settle(floor);
  t.equal((await job(other)).quantity_done, 28, 'what was counted between them is of neither');
  await end(third.id);
  // Of a machine whose clock is ahead: what was counted stays with the first.
  const aheadSeconds = (Date.now() - Date.parse(at(0))) / 1000 + 600;
  const ahead = await started(next);
  await send(device, metric, [[aheadSeconds, 75]]);
  await settle(floor);
  const last = await started({ ...next, job_id: jobId });
  t.match(last, { started_at: new Date(Date.parse(at(aheadSeconds)) + 1).toISOString() });
  await send(device, metric, [[aheadSeconds + 1, 80]]);
  await settle(floor);
  t.equal((await run(ahead.id)).pieces, 5);
  t.equal((await run(last.id)).pieces, 5);
  t.equal((await end(last.id)).status, 200);
  t.equal((await start(next)).status, 201);
  await handOn(floor);
});

t.test('fractions of a piece; more than is needed; two machines at one job', async (t) => {
  const { device, jobId, id } = await machine(10, { pieces_per_count: 0.0001 });
  const stitches = (n: number): Count => [n * 60, n * 14_999];
  await send(device, metric, [0, 1, 2, 3].map(stitches));
  await settle(floor);
  t.equal((await job(jobId)).quantity_done, 4, '44,997 stitches of ten thousand each');
  const press = await floor.device();
  const pair = await started({ device_id: press.id, metric_id: metric.id, job_id: jobId, started_at: at(0) });
  await send(press, metric, [
    [0, 0],
    [60, 1],
    [120, 2],
    [180, 3],
  ]);
  await settle(floor);
  const card = await cardOf(jobId);
  t.match(card, { quantity_done: 7, machine: { device_id: press.id } });
  const alone = (await job(jobId)).runs.map(({ cycle_seconds: cycle }) => cycle ?? 0);
  const together = 1 / alone.reduce((sum, cycle) => sum + 1 / cycle, 0);
  t.ok(
    Math.abs((card?.machine?.cycle_seconds ?? 0) - together) < 0.001,
    `${alone} make ${card?.machine?.cycle_seconds}`,
  );
  await send(device, metric, [[240, 3 * 14_999 + 9_000]]);
  await settle(floor);
  t.match(await cardOf(jobId), { quantity_done: 8, machine: { device_id: press.id } }, 'the card names the same one');
  await made('POST', `erp/production/jobs/${jobId}/done`, { quantity: 1 });
  await send(press, metric, [[240, 9]]);
  await settle(floor);
  const full = await job(jobId);
  t.match(full, { quantity_done: 10, machine: { cycle_seconds: null, expected_end_at: null } });
  t.match(full.runs, [
    { id, pieces: 5, recorded: 5 },
    { id: pair.id, pieces: 9, recorded: 4 },
  ]);
  await made('POST', `erp/orders/${full.order_id}/cancel`, { reason: 'No', consumed: 'write_off' });
  const closed = await job(jobId);
  t.match(closed, { status: 'cancelled', machine: null });
  await send(press, metric, [[300, 12]]);
  await settle(floor);
  const later = await job(jobId);
  t.match(later, { quantity_done: 10, version: closed.version });
  t.equal(later.actual_minutes, closed.actual_minutes, 'nobody works on what has left the board');
  await Promise.all([end(id), end(pair.id)]);
  await handOn(floor);
  t.equal((await job(jobId)).actual_minutes, closed.actual_minutes);
});

t.test('told late, twice, in any order, and while the order does not take it', async (t) => {
  const { ids, orderId } = await floor.jobs([20], { begun: false });
  const [jobId = ''] = ids;
  const told = (pieces: number, more: object = {}) => ({
    event_id: uuidv7(),
    organization_id: tenant.organizationIds[0],
    run: {
      ...{ id: runId, device_id: device.id, device_name: 'Press', started_at: at(0), ended_at: null, pieces },
      ...{ cycle_seconds: 60 + pieces, counted_at: at(pieces), next_stage_id: null, ...more },
    },
  });
  const [runId, device] = [uuidv7(), await floor.device()];
  t.same(await floor.record(jobId, told(4)), { recorded: 0, moved: false });
  t.match(await job(jobId), { quantity_done: 0, machine: { name: 'Press' } });
  await made('POST', `erp/orders/${orderId}/start`, { allow_short: true });
  const six = told(6);
  t.same(await floor.record(jobId, six), { recorded: 6, moved: false }, 'what it could not take before, too');
  t.same(await floor.record(jobId, six), { recorded: 0, moved: false }, 'the same event');
  t.same(await floor.record(jobId, told(3)), { recorded: 0, moved: false }, 'an older one');
  t.match((await job(jobId)).machine, { cycle_seconds: 66 }, 'which says nothing of the present');
  t.same(await floor.record(jobId, told(9, { ended_at: at(50), counted_at: at(49) })), { recorded: 3, moved: false });
  t.same(await floor.record(jobId, told(8)), { recorded: 0, moved: false });
  t.match(await job(jobId), { quantity_done: 9, machine: null, runs: [{ ended_at: at(50), pieces: 9 }] });
  const twice = told(12, { ended_at: at(50), counted_at: at(50) });
  const both = await Promise.all([floor.record(jobId, twice), floor.record(jobId, twice)]);
  t.same(both.map(({ recorded }) => recorded).sort(), [0, 3]);
  await t.rejects(floor.record(uuidv7(), told(1)), /404/);
});

t.test('the card goes on by itself, unless the stage has no room, lacks artwork, or a person moved it', async (t) => {
  const fill = async (made: Awaited<ReturnType<typeof machine>>) => {
    await send(made.device, metric, [
      [0, 0],
      [30, 9],
    ]);
    await settle(floor);
    return job(made.jobId);
  };
  const open = await stageOf();
  t.match(await fill(await machine(9, { next_stage_id: open })), { stage_id: open, quantity_done: 9 });
  const narrow = await stageOf({ wip_limit: 1, wip_policy: 'block' });
  t.equal((await fill(await machine(9, { next_stage_id: narrow }))).stage_id, narrow);
  const kept = await fill(await machine(9, { next_stage_id: narrow }));
  t.not(kept.stage_id, narrow);
  t.equal(kept.quantity_done, 9);
  const strict = await stageOf({ requires_artwork: true });
  t.equal((await fill(await machine(9, { next_stage_id: strict }))).stage_id, strict, 'it has none to approve');
  const moved = await machine(9, { next_stage_id: open });
  await handOn(floor);
  const mine = await stageOf();
  await made('POST', `erp/production/jobs/${moved.jobId}/move`, { stage_id: mine });
  t.match(await fill(moved), { stage_id: mine, quantity_done: 9 });
  const gone = await stageOf();
  const without = await machine(9, { next_stage_id: gone });
  t.equal((await call('DELETE', `erp/production/stages/${gone}`)).status, 204);
  t.match(await fill(without), { quantity_done: 9 });
});

t.test('told at most every five seconds, and at once what began or ended', async (t) => {
  // Ahead of the database's, to which nothing comes due meanwhile however long all this takes.
  floor.clock.stoppedAtMs = Date.now() + 600_000;
  const { device, id } = await machine(100);
  await send(device, metric, [
    [0, 0],
    [10, 3],
  ]);
  await floor.rollUp();
  await floor.runner.runDue();
  const news = await floor.told();
  t.match(news, [{ body: { run: { id, pieces: 0 } } }], 'that it began');
  for (const { jobId, body } of news) t.same([...Progressed.Errors({ job_id: jobId, run: body.run })], []);
  const [due] = await floor.sql<{ seconds: number }>(
    `select extract(epoch from due_at - r.told_at)::float8 as seconds from due_work w join tel_job_runs r on r.id = w.ref_id where r.id = $1`,
    [id],
  );
  t.same(due, { seconds: 5 });
  floor.clock.stoppedAtMs = null;
  await floor.countAll();
  t.match(await floor.told(), [{ body: { run: { id, pieces: 3 } } }]);
  await floor.rollUp();
  await floor.countAll();
  t.same(
    (await floor.told()).filter(({ body }) => body.run.id === id),
    [],
    'no news',
  );
  const { body } = await end(id);
  t.match(await floor.told(), [{ body: { run: { id, ended_at: body.ended_at } } }]);
});

/** What a counter grew by, from the last reading before `fromSeconds`, by the readings in order. */
function grown(counts: readonly Count[], fromSeconds: number, toSeconds: number): number {
  const inOrder = counts.toSorted(([a], [b]) => a - b);
  let sum = 0;
  for (const [n, [seconds, value]] of inOrder.entries()) {
    const before = inOrder[n - 1]?.[1];
    if (before === undefined || seconds < fromSeconds || seconds >= toSeconds) continue;
    sum += value >= before ? value - before : value;
  }
  return sum;
}

for (const { engine, skip } of telemetryEngines) {
  t.test(`any readings in any order, any cuts: each job has what the counter says (${engine})`, { skip }, async (t) => {
    const floor = await openFloor(t, engine);
    const metric = await floor.metric();
    const second = fc.oneof(
      fc.integer({ min: 1, max: 7_400 }),
      fc.integer({ min: 1, max: 123 }).map((n) => n * 60 + 25.679),
    );
    const days = fc.record({
      readings: fc.uniqueArray(fc.tuple(second, fc.integer({ min: 0, max: 50 })), {
        ...{ selector: ([seconds]: Count) => seconds, minLength: 3, maxLength: 25 },
      }),
      cuts: fc.uniqueArray(second, { minLength: 1, maxLength: 2 }),
      batches: fc.integer({ min: 1, max: 4 }),
      isShuffled: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(days, async ({ readings, cuts, batches, isShuffled }) => {
        const device = await floor.device();
        const startsAt = [0, ...cuts.toSorted((a, b) => a - b)];
        const { ids } = await floor.jobs(startsAt.map(() => 2_000));
        // A first reading, before everything, says where the counter stood.
        await floor.send(device, metric, [[-60, 7]]);
        const bodies = ids.map((job_id, n) => ({
          ...{ device_id: device.id, metric_id: metric.id, job_id, started_at: floor.at(startsAt[n] ?? 0) },
        }));
        for (const body of bodies) await floor.started(body);
        const all: Count[] = [[-60, 7], ...readings];
        const sent = isShuffled ? readings : readings.toSorted(([a], [b]) => a - b);
        const size = Math.ceil(sent.length / batches);
        for (let n = 0; n < sent.length; n += size) {
          await floor.send(device, metric, sent.slice(n, n + size));
          if (n % 2 === 0) await floor.send(device, metric, sent.slice(0, n + size));
          await settle(floor);
        }
        await floor.countAll();
        await handOn(floor);
        for (const [n, id] of ids.entries()) {
          const wanted = grown(all, startsAt[n] ?? 0, startsAt[n + 1] ?? Number.POSITIVE_INFINITY);
          const { quantity_done: done } = await floor.job(id);
          // In order it is exact; of what came late nothing is taken back, and nothing is missing.
          if (isShuffled ? done < wanted : done !== wanted) throw new Error(`job ${n}: ${done} for ${wanted}`);
        }
        const { items } = await floor.made<{ items: { id: string }[] }>(
          ...(['GET', `telemetry/job-runs?device_id=${device.id}&open=true`] as const),
        );
        for (const { id } of items) await floor.made('POST', `telemetry/job-runs/${id}/end`, {});
        await floor.told();
      }),
      { numRuns: 6, endOnFailure: true },
    );
  });
}
