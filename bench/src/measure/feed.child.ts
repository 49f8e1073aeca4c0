/**
 * Follows the feed as a data plane does, with its classes and over HTTP, in a process that holds nothing else: so its heap is
 * the feed's. Started with --expose-gc.
 */
import { createLogger } from '@platen/chassis/log/logger';
import { createDirectory } from '@platen/control-plane/modules/tenants/directory';
import { controlClientOf } from '@platen/data-plane/feed/control-client';
import { openFeedDisk } from '@platen/data-plane/feed/disk';
import { FeedFollower } from '@platen/data-plane/feed/follower';
import { readSnapshotLines } from '@platen/data-plane/feed/read-snapshot';
import { FeedStore } from '@platen/data-plane/feed/store';
import type { FeedEntity } from '@platen/schema/contracts/internal/feed';
import { createInternalClient } from '@platen/sdk/internal';
import type { FeedChildSettings, FeedOrder, SnapshotFigures } from './feed.js';

const settings: FeedChildSettings = JSON.parse(process.argv[2] ?? '{}');
const credentials = { clientId: 'data-plane', clientSecret: settings.secret };
const client = controlClientOf(
  createInternalClient({ baseUrl: settings.url, contracts: 'control', credentials, maxTries: 1 }),
);
const log = createLogger({ service: 'bench', level: 'fatal' });
const options = { baseDomain: 'localhost', now: Date.now };
const never = new AbortController().signal;

function heapBytes(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('--expose-gc is missing');
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const startedAt = performance.now();
  return [await work(), performance.now() - startedAt];
}

async function* linesOf(texts: readonly string[]) {
  for (const text of texts) yield JSON.parse(text) as unknown;
}

async function load(lines: AsyncIterable<unknown>): Promise<FeedStore> {
  const { position, entities } = await readSnapshotLines(lines);
  return new FeedStore(options).successor(position, Date.now(), entities);
}

/** The first of each is the one that counts: a plane loads a snapshot once, with code that has not run yet. */
async function measureSnapshots(): Promise<SnapshotFigures> {
  // Without the service token's own request.
  await client.changes('0', 0, never).catch(() => undefined);
  const before = heapBytes();
  const [store, overHttpMs] = await timed(async () => load(await client.snapshot(never)));
  const storeBytes = heapBytes() - before;
  const tenants = store.tenantCount;

  const texts: string[] = [];
  for await (const line of await client.snapshot(never)) texts.push(JSON.stringify(line));
  const [, parseMs] = await timed(() => load(linesOf(texts)));

  const disk = await openFeedDisk(settings.folder);
  const [, writeMs] = await timed(() =>
    disk.replace({ position: store.position, asOfMs: Date.now(), entities: store.entities() }),
  );
  const [restored, fromDiskMs] = await timed(async () => {
    const { state } = await disk.load();
    if (state === null) throw new Error('nothing on disk');
    return new FeedStore(options).successor(state.position, state.asOfMs, state.entities);
  });
  if (restored.tenantCount !== tenants) throw new Error('the disk gives another number of tenants');
  await disk.close();

  const beforeDirectory = heapBytes();
  const directory = createDirectory('localhost');
  directory.replaceAll(entitiesOf(texts), Date.now());
  const directoryBytes = heapBytes() - beforeDirectory;
  if (directory.size !== tenants) throw new Error('the directory has another number of tenants');
  const snapshotBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
  return { tenants, overHttpMs, parseMs, writeMs, fromDiskMs, storeBytes, directoryBytes, snapshotBytes };
}

function* entitiesOf(texts: readonly string[]): Generator<FeedEntity> {
  // Between the first line and the last, each is an entity of our own control plane.
  for (const text of texts.slice(1, -1)) yield JSON.parse(text) as FeedEntity;
}

/** Several readers at once, as after a restart of all data planes. */
async function readSnapshotsAtOnce(count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async () => {
      for await (const _ of await client.snapshot(never));
    }),
  );
}

const store = new FeedStore(options);
let follower: FeedFollower | undefined;

async function follow(): Promise<void> {
  const disk = await openFeedDisk(settings.folder);
  follower = new FeedFollower({ store, disk, client, log, instanceId: settings.instanceId });
  await follower.start();
}

async function untilApplied(position: string): Promise<void> {
  while (store.position < BigInt(position)) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function carryOut(order: FeedOrder): Promise<unknown> {
  if (order.what === 'snapshots') return measureSnapshots();
  if (order.what === 'read') return readSnapshotsAtOnce(order.count);
  if (order.what === 'follow') return follow();
  return untilApplied(order.position);
}

process.on('message', (order: FeedOrder) => {
  carryOut(order).then(
    (answer) => process.send?.({ answer: answer ?? null }),
    (error: unknown) => process.send?.({ failure: error instanceof Error ? error.stack : String(error) }),
  );
});
process.once('disconnect', () => process.exit());
process.once('SIGTERM', () => {
  void (follower?.stop() ?? Promise.resolve()).then(() => process.exit());
});
