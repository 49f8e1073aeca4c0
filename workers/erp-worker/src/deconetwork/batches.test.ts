import t from 'tap';
import { batchesOf } from './batches.js';
import type { FoundRow } from './search.js';

const row = (id: string, rawLength: number): FoundRow => {
  const unreadable = { kind: 'order', dn_id: id, modified_at: null, message: 'x', raw: '"'.repeat(rawLength) } as const;
  return { id, modifiedAt: null, row: { unreadable } };
};
const sizes = (rows: readonly FoundRow[]) => [...batchesOf(rows)].map(({ unreadable }) => unreadable.length);

t.test('a call has as many records as the plane takes, in their order', async (t) => {
  t.same(sizes([]), []);
  t.same(sizes(Array.from({ length: 60 }, (_, n) => row(`${n}`, 10))), [25, 25, 10]);
  // As JSON in JSON each of these quotes is two bytes.
  t.same(sizes(Array.from({ length: 8 }, (_, n) => row(`${n}`, 100_000))), [3, 3, 2]);
  t.same(sizes([row('a', 90_000), row('b', 400_000), row('c', 10)]), [1, 1, 1]);
  const all = Array.from({ length: 60 }, (_, n) => row(`${n}`, 10));
  const ids = [...batchesOf(all)].flatMap(({ unreadable }) => unreadable.map(({ dn_id }) => dn_id));
  t.same(
    ids,
    all.map(({ id }) => id),
  );
});
