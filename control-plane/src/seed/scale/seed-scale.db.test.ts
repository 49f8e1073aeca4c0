import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from '@platen/chassis/testkit/until';
import { createChecker } from '@platen/chassis/validation/checker';
import { FeedEntity } from '@platen/schema/contracts/internal/feed';
import t from 'tap';
import { createFeedService, listenForChanges } from '../../modules/feed/index.js';
import { startControlPlane } from '../../test/control-plane.js';
import { readScaleOptions } from './options.js';
import { seedScale, spreadUsers } from './seed-scale.js';

t.test('many tenants: each with its people, its places and its entry in the feed', async (t) => {
  const plane = await startControlPlane(t);
  const { platformDb: db, passwords } = plane;
  const before = await plane.sql<{ seq: string }>('select max(seq)::text as seq from control_changes');
  const seed = (tenants: number, users: number) =>
    seedScale({ db, passwords, baseDomain: 'localhost', tenants, users, databases: 2 });

  t.same(await seed(40, 400), { tenants: 40, users: 400 });
  t.same(await seed(40, 400), { tenants: 0, users: 0 }, 'a second run makes nothing');
  t.same(await seed(45, 450), { tenants: 5, users: 50 }, 'a larger one adds what is missing');

  const wakeUp = listenForChanges(db, plane.log.log);
  t.teardown(() => wakeUp.close());
  const feed = createFeedService({ db, wakeUp });
  const { changes } = await feed.listChanges({ after: before[0]?.seq ?? '0', waitMs: 0, limit: 1_000 });
  t.equal(changes.filter(({ entity }) => entity.kind === 'tenant').length, 45, 'every tenant told once');
  t.equal(changes.filter(({ entity }) => entity.kind === 'organization').length, 45 + 9);
  const { check } = createChecker(FeedEntity);
  t.ok(changes.every(({ entity }) => check(entity)));
  const told = changes.flatMap(({ entity }) => (entity.kind === 'tenant' ? [entity] : []));
  t.ok(
    told.some(({ modules }) => modules.some((grant) => grant.valid_until !== null)),
    'some are on trial',
  );
  t.ok(
    told.some(({ stores }) => stores?.length === 1),
    'some have a storefront',
  );
  t.same([...new Set(told.map(({ erp_db_key }) => erp_db_key))].sort(), ['erp-1', 'erp-2']);

  await t.test('anybody of them can sign in', async (t) => {
    const browser = plane.browser('scale-000001.localhost');
    const reply = await until(
      () => browser.signIn('user-1@scale-000001.test'),
      // The feed tells this instance of the host.
      ({ statusCode }) => statusCode !== 404,
    );
    t.equal(reply.statusCode, 200, reply.body);
  });
});

t.test('users are spread as they are asked for', async (t) => {
  const total = (tenants: number, users: number) => {
    const { small, large, largeWithOneMore } = spreadUsers({ tenants, users });
    const largeOnes = Math.ceil(tenants / 5);
    return small * (tenants - largeOnes) + large * largeOnes + largeWithOneMore;
  };
  t.equal(total(10_000, 100_000), 100_000);
  t.equal(total(7, 7), 7);
  t.equal(total(1, 3), 3);
  t.equal(total(13, 999), 999);
});

t.test('options', async (t) => {
  t.same(readScaleOptions([]), { tenants: 10_000, users: 100_000, databases: 2 });
  t.throws(() => readScaleOptions(['--tenants', '0']), /--tenants is a number/);
  t.throws(() => readScaleOptions(['--tenants', '10', '--users', '9']), /at least/);
  t.throws(() => readScaleOptions(['--rows', '9']), /rows/);
});

t.test('production is refused', async (t) => {
  const entry = fileURLToPath(new URL('../../seed-scale.js', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [entry], {
    encoding: 'utf8',
    env: {
      NODE_ENV: 'production',
      CONTROL_PLATFORM_DB_URL: 'postgres://127.0.0.1:1/none',
      KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      SEED_DATA_PLANE_SECRET: 'long-enough-secret-of-a-data-plane',
      SEED_ERP_WORKER_SECRET: 'long-enough-secret-of-a-worker',
      SEED_TELEMETRY_WORKER_SECRET: 'long-enough-secret-of-the-other',
    },
  });
  t.equal(status, 2);
  t.match(stderr, /not in production/);
});
