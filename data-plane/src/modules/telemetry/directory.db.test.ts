import { statement } from '@platen/chassis/db/statement';
import type { Scope, ScopedDb } from '@platen/chassis/db/types';
import { createLogger } from '@platen/chassis/log/logger';
import { testDatabase } from '@platen/chassis/testkit/database';
import { patient } from '@platen/chassis/testkit/patient';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import type { Tenant } from '../../feed/tenant.js';
import { createRouter } from '../../routing/router.js';
import { createDirectory } from './directory.js';

const { appUrl, systemUrl } = await testDatabase(t, 'telemetry');
const router = createRouter({
  catalogue: new Map([['telemetry-1', { url: appUrl, system_url: systemUrl, kind: 'telemetry' }]]),
  log: createLogger({ service: 'data-plane', level: 'silent' }),
  deadlines: patient,
});
t.teardown(() => router.close());

const insertDevices = statement<never>(
  'directory_test.devices',
  `insert into tel_devices (tenant_id, organization_id, workspace_id, id, code, name, kind, device_no)
   select $1::uuid, $2::uuid, $3::uuid, gen_random_uuid(), $4 || no, 'a press', 'press', no
   from generate_series($5::int, $6::int) no`,
);
const insertMetric = statement<never>(
  'directory_test.metric',
  `insert into tel_metrics (tenant_id, organization_id, id, code, name, kind, metric_no, expected_interval_ms)
   values ($1::uuid, $2::uuid, $3::uuid, 'pieces', 'Pieces', 'counter', 1, 500)`,
);

const entry = (id: string) => ({ id, status: 'active', telemetryDbKey: 'telemetry-1' }) as Tenant;
const scopeOf = (tenantId: string, organizationId = uuidv7(), workspaceId: string | null = null): Scope => ({
  tenantId,
  organizationId,
  workspaceId,
});
const open = (scope: Scope): ScopedDb => router.openTelemetry(entry(scope.tenantId), scope);
const put = (scope: Scope, prefix: string, from: number, to = from) =>
  open(scope).leased.query(insertDevices, [scope.tenantId, scope.organizationId, scope.workspaceId, prefix, from, to]);

t.test('what a scope sees, by code, id and number; nothing of another', async (t) => {
  const mine = scopeOf(uuidv7());
  const workspace = { ...mine, workspaceId: uuidv7() };
  const others = { ...mine, workspaceId: uuidv7() };
  const otherOrganization = scopeOf(mine.tenantId);
  await put(mine, 'press-', 1);
  await put(workspace, 'dryer-', 2);
  await put(otherOrganization, 'press-', 3);
  await open(mine).leased.query(insertMetric, [mine.tenantId, mine.organizationId, uuidv7()]);
  const directory = createDirectory();
  const seen = async (scope: Scope) =>
    (await directory.view(open(scope), scope)).devices.map(({ code }) => code).sort();
  t.same(await seen(mine), ['dryer-2', 'press-1']);
  t.same(await seen(workspace), ['dryer-2', 'press-1']);
  t.same(await seen(others), ['press-1'], 'a workspace has none of another');
  t.same(await seen(otherOrganization), ['press-3']);
  t.same(await seen(scopeOf(uuidv7(), String(mine.organizationId))), [], 'nor has another tenant');

  const view = directory.kept(mine);
  const press = view?.deviceByCode('press-1');
  t.match(press, { no: 1, status: 'active', workspaceId: null });
  t.equal(view?.deviceById(press?.id ?? ''), press);
  t.equal(view?.deviceByNo(1), press);
  t.match(view?.deviceByCode('dryer-2'), { no: 2, workspaceId: workspace.workspaceId });
  t.equal(view?.deviceByNo(3), undefined);
  const metric = view?.metricByNo(1);
  t.match(metric, { code: 'pieces', kind: 'counter', expectedIntervalMs: 500 });
  t.same([view?.metricByCode('pieces'), view?.metricById(metric?.id ?? '')], [metric, metric]);
});

t.test('kept for a while, read again when it is asked for, forgotten after a write', async (t) => {
  let nowMs = 0;
  let reads = 0;
  const directory = createDirectory(() => nowMs);
  const scope = scopeOf(uuidv7());
  const neighbour = scopeOf(uuidv7());
  const db = open(scope);
  const counted: ScopedDb = {
    query: db.query.bind(db),
    transaction: db.transaction.bind(db),
    leased: {
      query(asked, values) {
        reads += 0.5;
        return db.leased.query(asked, values);
      },
    },
  };
  const codes = async (fresh = false) =>
    (await directory.view(counted, scope, { fresh })).devices.map(({ code }) => code).sort();
  t.equal(directory.kept(scope), null);
  t.same(await Promise.all([codes(), codes(), codes(true)]), [[], [], []]);
  t.equal(reads, 1, 'who asks meanwhile waits for the same');

  await put(scope, 'a', 1);
  t.same(await codes(), []);
  for (let n = 0; n < 5; n += 1) t.same(await codes(true), ['a1'], 'a few times at once');
  t.equal(reads, 6);
  await put(scope, 'a', 2);
  t.same([await codes(true), reads], [['a1'], 6], 'and then not again');
  nowMs = 1_000;
  t.same([await codes(true), reads], [['a1', 'a2'], 7], 'before the next second');
  await put(scope, 'a', 4);
  nowMs = 30_999;
  t.same([await codes(), directory.kept(scope)?.devices.length, reads], [['a1', 'a2'], 2, 7]);
  nowMs = 31_000;
  t.equal(directory.kept(scope), null, 'nothing older than 30 s');
  t.same([await codes(), reads], [['a1', 'a2', 'a4'], 8]);

  await directory.view(open(neighbour), neighbour);
  await put(scope, 'a', 3);
  directory.forget(scope.tenantId);
  t.equal(directory.kept(scope), null);
  t.ok(directory.kept(neighbour), 'another tenant’s stays');
  t.same(await codes(), ['a1', 'a2', 'a3', 'a4']);

  // Read before the write, there after it: handed to whoever asked before, and to nobody else.
  directory.forget(scope.tenantId);
  const before = codes();
  directory.forget(scope.tenantId);
  const after = codes();
  await before;
  t.same(await after, ['a1', 'a2', 'a3', 'a4']);
  t.ok(directory.kept(scope));
});

t.test('a read that fails is not remembered', async (t) => {
  const directory = createDirectory();
  const scope = scopeOf(uuidv7());
  const broken = { leased: { query: () => Promise.reject(new Error('no database')) } } as unknown as ScopedDb;
  await t.rejects(directory.view(broken, scope), /no database/);
  t.same((await directory.view(open(scope), scope)).devices, []);
});

t.test('more than ten thousand devices', async (t) => {
  const scope = scopeOf(uuidv7());
  await put(scope, 'sensor-', 1, 12_000);
  const directory = createDirectory();
  const startedMs = performance.now();
  const view = await directory.view(open(scope), scope);
  t.comment(`measured: 12,000 devices read in ${(performance.now() - startedMs).toFixed(0)} ms`);
  t.equal(view.devices.length, 12_000);
  t.equal(view.deviceByCode('sensor-12000')?.no, 12_000);
  t.ok(directory.kept(scope));
});
