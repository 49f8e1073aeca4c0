import { DatabaseError } from '@platen/chassis/db/errors';
import { AppError } from '@platen/chassis/http/app-error';
import t from 'tap';
import type { Pace } from '../pace.js';
import { createBatcher, inOrder } from './batcher.js';
import { createBudget } from './budget.js';
import type { Row, Stored } from './repo.js';

const row = (tsMs: number, deviceNo = 1): Row => ({ deviceNo, metricNo: 1, tsMs, value: tsMs });
const all = (rows: readonly Row[]): Stored => ({ count: rows.length, keys: null });
const unwatched = { stored: () => undefined };
const acme = { id: 'acme' };
const alone: Pace = { turn: () => null, waitMs: () => 0, hasOthers: () => false, begin: () => () => undefined };

/** A store whose batches end when the test says so. */
function heldStore() {
  const batches: { rows: readonly Row[]; tenant: string; end: (stored: Stored | Error) => void }[] = [];
  const store = ({ id }: { id: string }, rows: readonly Row[]): Promise<Stored> =>
    new Promise((resolve, reject) => {
      const end = (stored: Stored | Error) => (stored instanceof Error ? reject(stored) : resolve(stored));
      batches.push({ rows, tenant: id, end });
    });
  const next = (n: number) => batches[n]?.rows.map(({ tsMs }) => tsMs);
  return { batches, store, next };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

t.test('the first goes at once, those that come meanwhile go together, other tenants beside them', async (t) => {
  const { batches, store, next } = heldStore();
  const batcher = createBatcher(store, unwatched, alone);
  const first = batcher.store(acme, [row(1)]);
  const later = [batcher.store(acme, [row(5), row(6)]), batcher.store(acme, [row(4), row(5)])];
  const other = batcher.store({ id: 'other' }, [row(9)]);
  t.same([next(0), next(1)], [[1], [9]]);
  batches[1]?.end(all([row(9)]));
  t.equal(await other, 1, 'whoever waits for nobody is answered');
  batches[0]?.end(all([row(1)]));
  t.equal(await first, 1);
  await settled();
  t.same(next(2), [4, 5, 5, 6], 'in the order of their keys');
  batches[2]?.end({
    count: 2,
    keys: [
      [1, 1, 5],
      [1, 1, 6],
    ],
  });
  t.same(await Promise.all(later), [2, 0], 'of the same key the first one counts; the other was there before');
  await batcher.drained();
  t.equal(batches.length, 3);
});

t.test("a batch is no longer than it may be, and nobody fails with another's rows", async (t) => {
  const { batches, store } = heldStore();
  const batcher = createBatcher(store, unwatched, alone);
  const rows = (count: number) => Array.from({ length: count }, (_, n) => row(n));
  const first = batcher.store(acme, [row(1)]);
  const waiting = [
    batcher.store(acme, rows(3_000)),
    batcher.store(acme, rows(2_000)),
    batcher.store(acme, rows(6_000)),
  ];
  const outcomes = Promise.allSettled(waiting);
  batches[0]?.end(all([row(1)]));
  await first;
  await settled();
  t.equal(batches[1]?.rows.length, 5_000);
  batches[1]?.end(new DatabaseError('of one of them', { sqlstate: '22003' }));
  await settled();
  t.equal(batches[2]?.rows.length, 3_000, 'one by one');
  batches[2]?.end(new DatabaseError('of this one', { sqlstate: '22003' }));
  await settled();
  batches[3]?.end({ count: 1_999, keys: [] });
  await settled();
  t.equal(batches[4]?.rows.length, 6_000, 'one that is longer goes alone');
  batches[4]?.end(new AppError('database_unavailable'));
  t.match(await outcomes, [
    { status: 'rejected', reason: { sqlstate: '22003' } },
    { status: 'fulfilled', value: 1_999 },
    { status: 'rejected', reason: { code: 'database_unavailable' } },
  ]);
});

t.test('among others it is a batch in its turn, of little at a time, paid for', async (t) => {
  const { batches, store, next } = heldStore();
  const turns: (() => void)[] = [];
  const paid: number[] = [];
  const among: Pace = {
    ...alone,
    turn: () => new Promise((resolve) => turns.push(resolve)),
    hasOthers: () => true,
    begin: () => (ms) => paid.push(ms),
  };
  const batcher = createBatcher(store, unwatched, among);
  t.equal(batcher.behindMs('acme'), 0);
  const rows = (count: number, from: number) => Array.from({ length: count }, (_, n) => row(from + n));
  const sent = [0, 1_000, 2_000].map((from) => batcher.store(acme, rows(1_000, from)));
  t.equal(batches.length, 0, 'it waits for its turn');
  await settled();
  t.ok(batcher.behindMs('acme') > 0, 'and it shows that it does');
  t.equal(batcher.behindMs('other'), 0);
  for (const n of [0, 1, 2]) {
    turns[n]?.();
    await settled();
    t.equal(next(n)?.length, 1_000, 'not with the one behind it');
    batches[n]?.end(all(rows(1_000, 0)));
    t.equal(await sent[n], 1_000);
    await settled();
    t.equal(batches.length, n + 1);
  }
  t.equal(paid.length, 3);
  t.equal(batcher.behindMs('acme'), 0);
  await batcher.drained();
});

t.test('what is away is away for all, and asked once', async (t) => {
  for (const error of [new AppError('database_unavailable'), new DatabaseError('slow', { sqlstate: '57014' })]) {
    const { batches, store } = heldStore();
    const batcher = createBatcher(store, unwatched, alone);
    const first = batcher.store(acme, [row(1)]);
    const outcomes = Promise.allSettled([batcher.store(acme, [row(2)]), batcher.store(acme, [row(3)])]);
    batches[0]?.end(all([row(1)]));
    await first;
    await settled();
    batches[1]?.end(error);
    t.match(await outcomes, [{ reason: error }, { reason: error }]);
    t.equal(batches.length, 2);
  }
});

t.test('rows that are in order stay as they are', async (t) => {
  const ordered = [row(1), row(2), row(1, 2)];
  t.equal(inOrder(ordered), ordered);
  t.same(inOrder([row(1, 2), row(2), row(1)]), ordered);
});

t.test('one tenant is told to slow down before others are refused anything', async (t) => {
  const budget = createBudget({ perTenantBytes: 10_000, totalBytes: 22_000, behindMs: 5_000 }, (id) =>
    id === 'late' ? 5_001 : 5_000,
  );
  const first = budget.hold('a');
  first.add(5_000);
  t.throws(() => first.add(5_000), { code: 'busy', retryAfterSeconds: 1 });
  t.throws(() => budget.hold('a'), { code: 'busy' });
  t.throws(() => budget.hold('late'), { code: 'busy', retryAfterSeconds: 6 }, 'it comes faster than it is stored');
  const others = [budget.hold('b'), budget.hold('c'), budget.hold('d')];
  t.throws(() => budget.hold('e'), { code: 'dependency_unavailable', retryAfterSeconds: 1 });
  first.release();
  first.release();
  budget.hold('e').release();
  for (const hold of others) hold.release();
  t.equal(budget.waitingBytes, 0, 'nothing of it is left');
});

t.test('however many flood, there is room for one who does not', async (t) => {
  const budget = createBudget({ perTenantBytes: 32 << 20, totalBytes: 128 << 20, behindMs: 5_000 }, () => 0);
  for (let n = 0; n < 8; n += 1) {
    const fill = () => {
      for (;;) budget.hold(`flood ${n}`);
    };
    t.throws(fill, { code: 'busy' }, 'told to slow down, by what it has itself');
  }
  const modest = budget.hold('modest');
  t.doesNotThrow(() => modest.add(1_000));
});

t.test("a database that is away is nobody's use of it; what it refuses is", async (t) => {
  const paid: number[] = [];
  const pace: Pace = { ...alone, begin: () => (tookMs) => void paid.push(tookMs) };
  for (const error of [new AppError('database_unavailable'), new DatabaseError('slow', { sqlstate: '57014' })]) {
    const late = () => new Promise<Stored>((_, reject) => setTimeout(() => reject(error), 20));
    const batcher = createBatcher(late, unwatched, pace);
    await t.rejects(
      batcher.store(
        acme,
        Array.from({ length: 1_000 }, (_, n) => row(n)),
      ),
      error,
    );
  }
  t.equal(paid.length, 2);
  t.ok((paid[0] ?? 1) < 1, `${paid[0]} ms`);
  t.ok((paid[1] ?? 0) > 10, `${paid[1]} ms`);
});
