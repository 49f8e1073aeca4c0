import t from 'tap';
import { createLru } from './lru.js';

t.test('holds the entries that were asked for last', async (t) => {
  const lru = createLru<number>(3);
  for (const [index, key] of ['a', 'b', 'c'].entries()) lru.set(key, index);
  lru.get('a');
  lru.set('c', 9);
  lru.set('d', 3);
  t.same(Object.fromEntries(lru), { a: 0, c: 9, d: 3 });
  lru.delete('a');
  lru.set('e', 4);
  t.same(Object.fromEntries(lru), { c: 9, d: 3, e: 4 });
});

t.test('takes no room for entries that it does not hold', async (t) => {
  const before = process.memoryUsage().arrayBuffers;
  createLru<number>(100_000);
  t.ok(process.memoryUsage().arrayBuffers - before < 10_000);
});
