import { dayMs } from '@platen/chassis/durations';
import { telemetryEngines } from '@platen/chassis/testkit/database';
import {
  type SeriesAggregate,
  type SeriesStep,
  seriesAggregates,
} from '@platen/schema/contracts/data/telemetry-series';
import t, { type Test } from 'tap';
import { endOfDayIn } from '../../documents/index.js';
import { openSeriesShop, type Reading } from './series.fixture.js';
import type { Span } from './steps.js';
import { truthOf } from './truth-of-series.fixture.js';

const timeZone = 'Europe/Berlin';
const nowMs = Date.now();

/** The beginning of the last day that had no 24 hours; all that is asked for around it is over. */
function lastChange(): number {
  for (let daysAgo = 5; ; daysAgo += 1) {
    const date = new Date(nowMs - daysAgo * dayMs).toISOString().slice(0, 10);
    const startMs = endOfDayIn(timeZone, new Date(Date.parse(date) - dayMs).toISOString().slice(0, 10)).getTime();
    if (endOfDayIn(timeZone, date).getTime() - startMs !== dayMs) return startMs;
  }
}

/** Numbers that look random and are the same each time (Park and Miller). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

const changeMs = lastChange();
const span = { fromMs: changeMs - dayMs, toMs: changeMs + 2.5 * dayMs };

/** Eighths, whose sums are exact in any order. A counter begins again now and then. */
function randomReadings(count: number, seed: number, from: number, to: number): Reading[] {
  const next = numbers(seed);
  return Array.from({ length: count }, (_, n) => {
    const isDense = n % 3 === 0;
    const at = isDense ? changeMs + next(2 * 3_600_000) : from + next(to - from);
    const metricNo = 1 + (n % 3);
    const value = metricNo === 2 ? next(400) : (next(8_000) - 4_000) / 8;
    return { deviceNo: 1 + next(2), metricNo, atMs: Math.floor(at), value };
  });
}

/** The first of a moment stays. */
function unite(...batches: readonly (readonly Reading[])[]): Reading[] {
  const found = new Map<string, Reading>();
  for (const reading of batches.flat()) {
    const key = `${reading.deviceNo} ${reading.metricNo} ${reading.atMs}`;
    if (!found.has(key)) found.set(key, reading);
  }
  return [...found.values()];
}

/** Each source, as it is, by the clock and by the calendar. */
const wishes: readonly { step: SeriesStep; aggregates: readonly SeriesAggregate[]; span: Span }[] = [
  {
    step: '1m',
    aggregates: ['avg', 'increase', 'rate'],
    span: { fromMs: changeMs - 60_000, toMs: changeMs + 7_200_000 },
  },
  { step: '15m', aggregates: ['first', 'increase'], span: { fromMs: changeMs, toMs: changeMs + 3 * 3_600_000 } },
  { step: '1h', aggregates: ['sum', 'increase'], span },
  { step: '6h', aggregates: seriesAggregates, span },
  { step: '1d', aggregates: seriesAggregates, span },
  { step: '1w', aggregates: ['max', 'increase'], span },
];

async function openShop(t: Test, engine: 'postgres' | 'timescaledb') {
  const shop = await openSeriesShop(t, engine);
  const tenant = shop.addTenant('acme', 'erp_1', { telemetry_db_key: 'telemetry_1' });
  for (const [code, no] of Object.entries({ 'press-1': 1, 'press-2': 2 })) await shop.addDevice({ tenant }, code, no);
  await shop.addMetric({ tenant }, 'speed', 1, 'gauge', 600_000);
  await shop.addMetric({ tenant }, 'pieces', 2, 'counter', null);
  await shop.addMetric({ tenant }, 'mode', 3, 'state', null);
  const get = async (path: string, parts = {}) =>
    shop.call(tenant, shop.token(tenant, parts), { method: 'GET', url: `/api/telemetry/${path}` });
  return { shop, tenant, get };
}

const iso = (ms: number) => new Date(ms).toISOString();
const between = ({ fromMs, toMs }: Span) => `from=${iso(fromMs)}&to=${iso(toMs)}`;
const everything = 'devices=press-1,press-2&metrics=speed,pieces,mode';

for (const { engine, skip } of telemetryEngines) {
  t.test(`series of every source are what the readings say, on ${engine}`, { skip }, async (t) => {
    const { shop, tenant, get } = await openShop(t, engine);
    const rolled = randomReadings(1_500, 7, span.fromMs - dayMs, span.toMs);
    await shop.measured(tenant, rolled);
    await shop.rollUp(tenant);
    let compared = 0;
    const compare = async (readings: readonly Reading[], isPending: boolean) => {
      for (const { step, aggregates, span: asked } of wishes) {
        for (const aggregate of aggregates) {
          const answer = await get(
            `series?${everything}&${between(asked)}&step=${step}&aggregate=${aggregate}&detail=true`,
          );
          if (answer.status !== 200) throw new Error(`${step} ${aggregate}: ${answer.text}`);
          if (answer.body.late_pending !== isPending)
            t.fail(`${step}: ${answer.body.late_pending} that something is pending`);
          for (const [index, series] of answer.body.series.entries()) {
            const [deviceNo, metricNo] = [1 + Math.floor(index / 3), 1 + (index % 3)];
            const own = readings.filter((one) => one.deviceNo === deviceNo && one.metricNo === metricNo);
            const truth = truthOf(own, { step, aggregate, span: asked, timeZone, nowMs });
            const found = { t: series.t, v: series.v, count: series.count };
            compared += truth.t.length;
            if (JSON.stringify(found) !== JSON.stringify(truth)) {
              t.same(found, truth, `${step} ${aggregate} of ${series.device} ${series.metric}, pending: ${isPending}`);
            }
          }
        }
      }
    };
    await compare(unite(rolled), false);
    const late = randomReadings(240, 99, span.fromMs - dayMs / 2, span.toMs);
    await shop.measured(tenant, late);
    await compare(unite(rolled, late), true);
    await shop.rollUp(tenant);
    await compare(unite(rolled, late), false);
    t.ok(compared > 0);
    t.comment(`measured: ${compared} points compared`);
  });

  t.test(`the newest, read as it came, on ${engine}`, { skip }, async (t) => {
    const { shop, tenant, get } = await openShop(t, engine);
    const hour = { fromMs: nowMs - 3_600_000, toMs: nowMs };
    const next = numbers(5);
    const readings = unite(
      Array.from({ length: 300 }, (_, n) => ({
        deviceNo: 1,
        metricNo: 1 + (n % 2),
        atMs: hour.fromMs - 600_000 + next(4_000_000),
        value: next(800) / 8,
      })),
    );
    await shop.measured(tenant, readings);
    const hourQuery = `devices=press-1&from=${iso(hour.fromMs)}&to=${iso(hour.toMs)}`;
    for (const step of ['raw', '30s', '10s'] as const) {
      for (const aggregate of ['avg', 'increase', 'last', 'rate'] as const) {
        const { body } = await get(`series?${hourQuery}&metrics=pieces&step=${step}&aggregate=${aggregate}`);
        const own = readings.filter(({ metricNo }) => metricNo === 2);
        const truth = truthOf(own, { step, aggregate, span: hour, timeZone, nowMs });
        t.same({ t: body.series[0].t, v: body.series[0].v }, { t: truth.t, v: truth.v }, `${step} ${aggregate}`);
      }
    }
    const own = readings.filter(({ metricNo, atMs }) => metricNo === 1 && atMs >= hour.fromMs && atMs < hour.toMs);
    const { body } = await get(`series?${hourQuery}&metrics=speed&downsample=lttb&max_points=20&gaps=true`);
    t.equal(body.step, 'raw');
    const [series] = body.series;
    t.ok(series.t.length <= 20 && series.v.includes(Math.max(...own.map(({ value }) => value))));
    t.ok(series.v.includes(Math.min(...own.map(({ value }) => value))));
    const far = await get(
      `series?devices=press-1&metrics=speed&from=${iso(nowMs - 3 * dayMs)}&gaps=true&max_points=100`,
    );
    t.equal(far.body.step, '1h', 'the finest that gives no more points');
    const first = Math.min(...readings.filter(({ metricNo }) => metricNo === 1).map(({ atMs }) => atMs));
    t.equal(far.body.series[0].gaps[0][1], first, 'nothing came before the first');
    for (const [query, path] of [
      [`step=1m&from=${iso(nowMs - 90 * dayMs)}`, '/query/step'],
      [`step=raw&from=${iso(nowMs - 91 * dayMs)}`, '/query/step'],
      [`from=${iso(nowMs + dayMs)}`, '/query/to'],
      [`from=${iso(nowMs - 3_000 * dayMs)}&max_points=10`, '/query/max_points'],
    ] as const) {
      t.match(await get(`series?devices=press-1&metrics=speed&${query}`), {
        status: 400,
        body: { errors: [{ path }] },
      });
    }
  });

  t.test(`nothing of others, though their numbers are the same, on ${engine}`, { skip }, async (t) => {
    const { shop, tenant, get } = await openShop(t, engine);
    const [organizationId, workspaceId] = [tenant.organizationIds[1], tenant.workspaceIds[0]];
    await shop.addDevice({ tenant, organizationId }, 'their-press', 3);
    await shop.addDevice({ tenant, workspaceId }, 'room-press', 4);
    // So far away that its series is not looked up together with the others'.
    await shop.addDevice({ tenant, organizationId }, 'their-far', 1_000);
    await shop.addDevice({ tenant }, 'far-press', 2_000);
    const other = shop.addTenant('other', 'erp_1', { telemetry_db_key: 'telemetry_1' });
    await shop.addDevice({ tenant: other }, 'press-1', 1);
    await shop.addMetric({ tenant: other }, 'speed', 1, 'gauge', null);
    const at = (deviceNo: number, value: number) => ({ deviceNo, metricNo: 1, atMs: nowMs - 1_000, value });
    await shop.measured(tenant, [at(1, 1), at(3, 3), at(4, 4), at(1_000, 5), at(2_000, 6)]);
    await shop.measured(other, [at(1, 7)]);
    for (const one of [tenant, other]) await shop.rollUp(one);
    const values = async (parts = {}, query = '') =>
      (await get(`latest${query}`, parts)).body.items.flatMap((item: { readings: { value: number }[] }) =>
        item.readings.map(({ value }) => value),
      );
    t.same(await values(), [1, 4, 6], 'of the organization, all of its workspaces');
    t.same(await values({ ws: tenant.workspaceIds[1] }), [1, 6], 'a workspace has none of another');
    t.same(await values({ org: organizationId }), [], 'nor an organization of another, whose metrics are its own too');
    t.same(await values({}, '?limit=1'), [1]);
    t.same(await values({}, '?limit=3'), [1, 4], 'of numbers that lie together');
    t.same(await values({}, '?devices=far-press,press-1&metrics=speed'), [1, 6], 'of numbers that do not');
    t.same(await values({}, '?devices=far-press,press-1&metrics=pieces'), []);
    for (const code of ['their-press', 'nothing']) {
      for (const what of [
        `series?devices=${code}&metrics=speed&from=${iso(nowMs - 60_000)}`,
        `latest?devices=${code}`,
      ]) {
        t.match(await get(what), {
          status: 422,
          body: {
            code: 'unknown_reference',
            errors: [{ path: '/query/devices', message: `names no device: ${code}` }],
          },
        });
      }
    }
    t.match(await get('latest?devices=room-press', { ws: tenant.workspaceIds[1] }), { status: 422 });
    const page = await get('latest?limit=2');
    t.same([page.body.items.length, typeof page.body.next_cursor], [2, 'string']);
    const rest = await get(`latest?limit=2&cursor=${page.body.next_cursor}`);
    t.match(rest.body, {
      items: [
        { device: 'room-press', readings: [{ value: 4, stale: false }] },
        { device: 'far-press', readings: [{ value: 6 }] },
      ],
      next_cursor: null,
    });
    t.match(await get('latest?limit=2&metrics=speed&cursor=x.y'), { body: { code: 'invalid_cursor' } });
    const { body } = await get(
      `series?devices=press-1&metrics=speed&from=${iso(nowMs - 60_000)}&step=1m&aggregate=max`,
    );
    t.same(body.series[0].v, [1]);
  });
}
