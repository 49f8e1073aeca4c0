import { test } from 'tap';
import { FairQueue } from './fair-queue.js';

test('tenants take turns, however much one of them has waiting', async (t) => {
  const queue = new FairQueue<string>(100, 50);
  for (let i = 1; i <= 4; i += 1) queue.push('a', `a${i}`, 10);
  queue.push('b', 'b1', 10);
  queue.push('c', 'c1', 10);
  queue.push('b', 'b2', 10);
  const order = Array.from({ length: 7 }, () => queue.shift()?.item);
  t.same(order, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  t.equal(queue.shift(), undefined);
  t.equal(queue.size, 0);
});

test('a tenant that may not go keeps its place and its items', async (t) => {
  const queue = new FairQueue<string>(100, 50);
  queue.push('a', 'a1', 10);
  queue.push('b', 'b1', 10);
  t.equal(queue.shift((tenant) => tenant !== 'a')?.item, 'b1');
  t.equal(
    queue.shift((tenant) => tenant !== 'a'),
    undefined,
  );
  t.equal(queue.shift()?.item, 'a1');
});

test('bounded in all and by tenant, and by time', async (t) => {
  const queue = new FairQueue<string>(3, 2);
  t.ok(queue.push('a', 'a1', 10));
  t.ok(queue.push('a', 'a2', 20));
  t.notOk(queue.push('a', 'a3', 20));
  t.ok(queue.push('b', 'b1', 30));
  t.notOk(queue.push('c', 'c1', 30));
  t.ok(queue.hasOther('a'));
  t.same(queue.expire(10), ['a1']);
  t.same(queue.expire(25), ['a2']);
  t.notOk(queue.hasOther('b'));
  t.same(queue.drain(), ['b1']);
  t.equal(queue.size, 0);
});
