import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { statement } from '@platen/chassis/db/statement';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { appendTenant, appendTenantsOfPlan } from '@platen/control-plane/modules/feed/append-change';
import { plans } from '@platen/schema/seeds/identities';
import { runSql } from '../environment/platform.js';
import { residentMb } from '../measure/cpu.js';
import { type FeedReader, type SnapshotFigures, startFeedReader } from '../measure/feed.js';
import { type Spread, spreadOf } from '../measure/statistics.js';
import { type Result, type Row, single } from './row.js';

const tenants = 10_000;
const users = 100_000;
const snapshotsAtOnce = 8;

export const feed: Row = {
  name: 'feed',
  title: `The config feed with ${tenants} tenants and ${users} users`,
  async run(context) {
    const platform = await context.platform();
    const url = await platform.addControlDatabase('bench_feed');
    const seededAt = performance.now();
    await platform.seedScale(url('control_platform'), { tenants, users });
    const seedSeconds = (performance.now() - seededAt) / 1000;
    await runSql(url('superuser'), 'vacuum analyze');
    const services = await platform.another((databases) => ({
      ...databases,
      controlTenantUrl: url('control_tenant'),
      controlPlatformUrl: url('control_platform'),
    }));
    const control = await services.start('control-plane');
    const reader = (name: string) =>
      startFeedReader({
        url: services.urls.controlInternal,
        secret: platform.dataPlaneSecret,
        folder: path.join(platform.dataDir, name),
        instanceId: randomUUID(),
      });
    try {
      return [
        { label: 'npm run seed:scale', unit: 's', value: single(seedSeconds) },
        ...(await snapshotResults(reader, context.effort.rounds)),
        await memoryResult(reader('feed-at-once'), control.pid),
        ...(await changeResults(reader('feed-follow'), url('control_platform'))),
      ];
    } finally {
      await control.stop();
    }
  },
};

/** A fresh process each round: what counts is the first time. */
async function snapshotResults(start: (name: string) => FeedReader, rounds: number): Promise<Result[]> {
  const figures: SnapshotFigures[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const reader = start(`feed-${round}`);
    figures.push(await reader.snapshots().finally(() => reader.stop()));
  }
  const [first] = figures;
  if (first === undefined) return [];
  const spread = (of: (figure: SnapshotFigures) => number): Spread => spreadOf(figures.map(of));
  const size = `${(first.snapshotBytes / 1e6).toFixed(1)} MB of ${first.tenants} tenants`;
  const kilobytes = (bytes: number) => bytes / 1024 / first.tenants;
  return [
    {
      label: 'snapshot over HTTP until it serves',
      unit: 's',
      value: spread((f) => f.overHttpMs / 1000),
      must: 1,
      detail: size,
    },
    { label: 'its lines parsed and built', unit: 's', value: spread((f) => f.parseMs / 1000), must: 1 },
    {
      label: 'restart from disk',
      unit: 's',
      value: spread((f) => f.fromDiskMs / 1000),
      must: 1,
      detail: `written in ${spread((f) => f.writeMs).median.toFixed(0)} ms`,
    },
    { label: 'data plane: heap a tenant', unit: 'KB', value: spread((f) => kilobytes(f.storeBytes)), must: 2 },
    { label: 'control plane: heap a tenant', unit: 'KB', value: spread((f) => kilobytes(f.directoryBytes)), must: 2 },
  ];
}

/** How far the control plane grows while many read the snapshot at once. */
async function memoryResult(reader: FeedReader, controlPid: number): Promise<Result> {
  try {
    await reader.readAtOnce(1);
    const before = residentMb(controlPid) ?? 0;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, residentMb(controlPid) ?? 0);
    }, 10);
    await reader.readAtOnce(snapshotsAtOnce).finally(() => clearInterval(watch));
    return {
      label: `control plane: growth, ${snapshotsAtOnce} snapshots at once`,
      unit: 'MB',
      value: single(peak - before),
      detail: `resident ${before.toFixed(0)} MB before`,
    };
  } finally {
    await reader.stop();
  }
}

const listSome = statement<{ id: string }>(
  'bench_feed_list',
  `select id from tenants where status = 'active' order by id limit 100`,
);
const suspend = statement<never>('bench_feed_suspend', `update tenants set status = 'suspended' where id = $1`);
const changePlan = statement<never>('bench_feed_plan', 'update tenants set plan_id = $1 where plan_id <> $1');
const raiseLimit = statement<never>(
  'bench_feed_limit',
  'update platform_plan_limits set value = value + 1 where plan_id = $1',
);
const last = statement<{ seq: string }>('bench_feed_last', 'select max(seq)::text as seq from control_changes');

/** From asking the database until a reader that follows has applied the last of it. */
async function changeResults(reader: FeedReader, databaseUrl: string): Promise<Result[]> {
  const db = systemDatabase({
    name: 'bench-feed',
    url: databaseUrl,
    poolSize: 10,
    statementTimeoutMs: 60_000,
    waitTimeoutMs: 60_000,
  });
  const seconds = async (work: () => Promise<unknown>) => {
    const startedAt = performance.now();
    await work();
    const committed = performance.now() - startedAt;
    const [row] = await db.query(last);
    await reader.untilApplied(row?.seq ?? '0');
    const detail = `committed after ${committed.toFixed(0)} ms`;
    return { unit: 's' as const, value: single((performance.now() - startedAt) / 1000), detail };
  };
  try {
    await db.query(changePlan, [plans.starter.id]);
    const [row] = await db.query(last);
    await reader.follow();
    await reader.untilApplied(row?.seq ?? '0');
    const ids = await db.query(listSome);
    const some = await seconds(() =>
      Promise.all(
        ids.map(({ id }) =>
          db.transaction(async (tx) => {
            tx.defer(suspend, [id]);
            appendTenant(tx, id);
          }),
        ),
      ),
    );
    const all = await seconds(() =>
      db.transaction(async (tx) => {
        tx.defer(raiseLimit, [plans.starter.id]);
        await appendTenantsOfPlan(tx, plans.starter.id);
      }),
    );
    return [
      { label: `${ids.length} tenants changed at once, until applied`, ...some },
      { label: `a plan of ${tenants} tenants changed, until applied`, ...all },
    ];
  } finally {
    await reader.stop();
    await db.close();
  }
}
