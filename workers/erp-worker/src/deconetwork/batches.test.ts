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

t.test('a record that no call can carry is a row that could not be read, not the end of its job', async (t) => {
  const lines = Array.from({ length: 500 }, (_, line) => ({
    dn_id: `${line}`,
    product: { dn_id: '1', code: null, name: 'x'.repeat(400), colour: null },
    decorations: [],
    quantity: 1,
    unit_price: '1.0000',
    line_total: '1.0000',
    sizes: Array.from({ length: 20 }, (_, size) => ({
      dn_id: `${size}`,
      sku: 'y'.repeat(100),
      vendor_sku: null,
      size: null,
      quantity: 1,
      unit_price: '1.0000',
    })),
  }));
  const found = {
    id: 'huge',
    modifiedAt: null,
    row: { record: { kind: 'order', dn_id: 'huge', modified_at: null, raw: '{"order_id":"huge"}', lines } },
  } as unknown as FoundRow;
  const [first, second, ...rest] = [...batchesOf([row('a', 10), found, row('b', 10)])];
  t.same(second, undefined);
  t.same(rest, []);
  t.same(first?.records, []);
  t.match(first?.unreadable, [
    { dn_id: 'a' },
    { kind: 'order', dn_id: 'huge', modified_at: null, message: /more than/, raw: '{"order_id":"huge"}' },
    { dn_id: 'b' },
  ]);
});
