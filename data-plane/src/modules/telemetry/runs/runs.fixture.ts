import { systemDatabase } from '@platen/chassis/db/system-database';
import { createLogger } from '@platen/chassis/log/logger';
import { type Engine, testDatabase } from '@platen/chassis/testkit/database';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { patient } from '@platen/chassis/testkit/patient';
import type { JobRun } from '@platen/schema/contracts/data/telemetry-job-runs';
import type { Test } from 'tap';
import type { Static } from 'typebox';
import { v7 as uuidv7 } from 'uuid';
import { createRunners } from '../../../due-work/due-work.js';
import type { JobBody } from '../../../test/production.fixture.js';
import { type Answer, openTestPlane, type TestTenant, tenantOf } from '../../../testkit/test-plane.js';
import { createRollups } from '../rollups/index.js';
import { rollUpAll } from '../rollups/rollups.fixture.js';
import { createRunsTouched } from './touched.js';

type Run = Static<typeof JobRun>;
type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
export interface Asked {
  readonly ws?: string | null;
  readonly ifMatch?: number;
  readonly permissions?: readonly never[];
}
/** A reading of a counter: seconds after the floor's beginning, and where it stands. */
export type Count = readonly [seconds: number, value: number];

/**
 * A plane over both databases, whose roll-ups, due work and worker do one step each when the test says so: what was told is
 * handed on by the test, so that it may hand it on late, twice or never.
 */
export async function openFloor(t: Test, engine: Engine) {
  const [erp, telemetry] = await Promise.all([testDatabase(t, 'erp'), testDatabase(t, 'telemetry', engine)]);
  /** Of the plane and its roll-ups: goes on unless a test stops it. */
  const clock = { stoppedAtMs: null as number | null };
  const nowMs = () => clock.stoppedAtMs ?? Date.now();
  const databasesOf = { erp_1: erp, telemetry_1: { ...telemetry, kind: 'telemetry' as const } };
  const plane = openTestPlane(t, databasesOf, { clock: nowMs });
  const system = systemDatabase({ name: 'telemetry_1', url: telemetry.systemUrl, poolSize: 2, ...patient });
  t.teardown(() => system.close());
  const log = createLogger({ service: 'test', level: 'silent' });
  const { open: openDb, openTelemetry: openTelemetryDb } = plane.router;
  const rollups = createRollups({
    openTelemetryDb,
    feed: plane.store,
    databases: [{ key: 'telemetry_1', system }],
    log,
  });
  rollups.onRolled(createRunsTouched({ openTelemetryDb, now: () => new Date(nowMs()) }));
  const databases = [{ key: 'telemetry_1', kind: 'telemetry' as const, system }];
  const [runner] = createRunners({ databases, feed: plane.store, openDb, openTelemetryDb, log }, plane.app.dueWork);
  if (!runner) throw new Error('one database has one runner');
  const serviceToken = plane.issuer.serviceToken(['telemetry']);
  const tenant = plane.addTenant('acme', 'erp_1', { telemetry_db_key: 'telemetry_1' });
  // Whole hours ago and somewhat more: no test depends on when it runs.
  const startMs = Math.floor(Date.now() / 3_600_000 - 4) * 3_600_000 + 754_321;
  const at = (seconds: number) => new Date(startMs + Math.round(seconds * 1000)).toISOString();

  async function call(method: Method, url: string, body?: object, asked: Asked = {}, of = tenant): Promise<Answer> {
    const { ws = null, ifMatch, permissions } = asked;
    return plane.call(of, plane.token(of, { ws, ...(permissions && { permissions }) }), {
      method,
      url: `/api/${url}`,
      headers: { ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }) },
      ...(body && { payload: body }),
    });
  }
  async function made<T = { readonly id: string }>(...given: Parameters<typeof call>): Promise<T> {
    const { status, body, text } = await call(...given);
    if (status >= 300) throw new Error(`${given[0]} ${given[1]}: ${status} ${text}`);
    return body;
  }
  const code = () => `t-${uuidv7()}`;
  const sql = <Row extends object>(text: string, values: unknown[] = [], { superuserUrl } = telemetry) =>
    asSuperuser(superuserUrl, async (client) => (await client.query<Row>(text, values)).rows);
  const handed = new Set<string>();
  const withPrices = new Set<string>();
  /** Prices of the catalogue, which orders need. */
  async function priced(of: TestTenant): Promise<void> {
    if (withPrices.has(of.id)) return;
    withPrices.add(of.id);
    const { id } = await made('POST', 'erp/pricing/rule-sets', { code: 'list', name: 'List' }, {}, of);
    const rule = { code: 'base', kind: 'base_price', conditions: {}, effect: { type: 'catalogue' } };
    await made('POST', `erp/pricing/rule-sets/${id}/rules`, { rule }, {}, of);
    await made('POST', `erp/pricing/rule-sets/${id}/publish`, {}, {}, of);
  }

  return {
    ...{ plane, clock, tenant, rollups, runner, at, call, made, code, sql, erp },
    tenantOf: (of: TestTenant) => tenantOf(plane.store, of.id),
    metric: (body: object = {}, of = tenant) =>
      made('POST', 'telemetry/metrics', { code: code(), name: 'Pieces', kind: 'counter', ...body }, {}, of),
    device: (asked: Asked = {}, of = tenant) =>
      made<{ id: string; code: string; version: number }>(
        ...(['POST', 'telemetry/devices', { code: code(), name: 'Press', kind: 'press' }, asked, of] as const),
      ),
    /** Jobs of one order, in production unless told otherwise. */
    async jobs(quantities: readonly number[], asked: Asked & { readonly begun?: boolean } = {}, of = tenant) {
      const { begun = true, ...place } = asked;
      await priced(of);
      const price = { base_price: { amount: '9.50', currency: 'EUR' } };
      const product = await made(
        ...([
          'POST',
          'erp/products',
          { code: code(), name: 'Shirt', status: 'active', kind: 'blank', ...price },
          place,
          of,
        ] as const),
      );
      const size = { sku: code(), option_values: { size: 'm' } };
      const variant = await made('POST', `erp/products/${product.id}/variants`, size, place, of);
      const customer = await made(
        ...([
          'POST',
          'erp/customers',
          { code: code(), name: 'Crew', currency: 'EUR', tax_exempt: true },
          place,
          of,
        ] as const),
      );
      const lines = quantities.map((quantity) => ({
        product_id: product.id,
        sizes: [{ variant_id: variant.id, quantity }],
      }));
      const order = await made('POST', 'erp/orders', { customer_id: customer.id, lines }, place, of);
      await made('POST', `erp/orders/${order.id}/confirm`, undefined, place, of);
      const { items } = await made<{ items: JobBody[] }>(
        ...(['POST', 'erp/production/jobs', { order_id: order.id }, place, of] as const),
      );
      if (begun) await made('POST', `erp/orders/${order.id}/start`, { allow_short: true }, place, of);
      return { orderId: order.id, ids: items.map(({ id }) => id) };
    },
    job: (id: string) => made<JobBody>('GET', `erp/production/jobs/${id}`),
    run: (id: string) => made<Run>('GET', `telemetry/job-runs/${id}`),
    start: (body: object, asked: Asked = {}) => call('POST', 'telemetry/job-runs', body, asked),
    started: (body: object, asked: Asked = {}) => made<Run>('POST', 'telemetry/job-runs', body, asked),
    end: (id: string, body: object = {}, asked: Asked = {}) =>
      call('POST', `telemetry/job-runs/${id}/end`, body, asked),
    async send(device: { readonly code: string }, metric: object, counts: readonly Count[]) {
      const { code: metricCode } = metric as { readonly code: string };
      const readings = counts.map(([seconds, value]) => ({
        ...{ device: device.code, metric: metricCode, ts: at(seconds), value },
      }));
      return made<{ accepted: number; duplicates: number }>('POST', 'telemetry/readings', { readings });
    },
    rollUp: () => rollUpAll(rollups, tenantOf(plane.store, tenant.id)),
    /** Counts what waits, without the seconds in between. */
    async count(): Promise<number> {
      await sql(`update due_work set due_at = now() - interval '1 ms' where due_at < now() + interval '50 seconds'`);
      return runner.runDue();
    },
    /** Counts every run, as once a minute. */
    async countAll(): Promise<number> {
      await sql(`update due_work set due_at = now() - interval '1 ms'`);
      return runner.runDue();
    },
    /** What was told and not handed on yet. */
    async told() {
      type Told = { id: string; organization_id: string; workspace_id: string | null; payload: { job_id: string } };
      const rows = await sql<Told>(`select * from outbox_events where topic = 'telemetry.job' order by seq`);
      const news = rows.filter(({ id }) => !handed.has(id));
      for (const { id } of news) handed.add(id);
      return news.map(({ id, organization_id, workspace_id, payload: { job_id, ...run } }) => ({
        jobId: job_id,
        body: { event_id: id, organization_id, workspace_id, ...run } as unknown as { event_id: string; run: ToldRun },
      }));
    },
    async record(jobId: string, body: object): Promise<Answer['body']> {
      const { statusCode, body: text } = await plane.app.internal.inject({
        method: 'POST',
        url: `/internal/tenants/${tenant.id}/production-jobs/${jobId}/runs`,
        payload: body,
        headers: { 'x-correlation-id': `test-${uuidv7()}`, authorization: `Bearer ${serviceToken}` },
      });
      if (statusCode !== 200) throw new Error(`${statusCode} ${text}`);
      return JSON.parse(text);
    },
  };
}
export interface ToldRun {
  readonly id: string;
  readonly pieces: number;
  readonly cycle_seconds: number | null;
  readonly counted_at: string | null;
  readonly ended_at: string | null;
}
export type Floor = Awaited<ReturnType<typeof openFloor>>;

/** As the worker does, with all that was told. */
export async function handOn(floor: Floor): Promise<void> {
  for (const { jobId, body } of await floor.told()) await floor.record(jobId, body);
}

/** From readings that came to the job. */
export async function settle(floor: Floor): Promise<void> {
  await floor.rollUp();
  await floor.count();
  await handOn(floor);
}
