import t from 'tap';
import { harbor, mainStreet } from '../../test/sales.fixture.js';
import { stockFaults } from '../../test/stock.fixture.js';
import { openStockroom, outcome } from './stockroom.fixture.js';

const room = await openStockroom(t);
const whole = room.ctxOf({ workspaceId: null });
const variants = room.variants.slice(0, 6).map(({ id }) => id);
const [shelf, attic] = [await room.newLocation(mainStreet), await room.newLocation(null)];

/** Each in an order of its own, so that locks taken as they come would wait in a circle. */
const shuffled = (n: number): string[] =>
  variants
    .map((id, index) => ({ id, rank: ((index + 1) * (2 * n + 3)) % 7 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ id }) => id);

t.test('counts, transfers and orders at once, of the same stock', async (t) => {
  for (const { id } of [shelf, attic])
    await room.adjust(
      id,
      variants.map((variant_id) => ({ variant_id, counted: '15' })),
      whole,
    );

  const work = Array.from({ length: 40 }, (_, n) => () => {
    const order = shuffled(n);
    const ctx = room.ctxOf({ workspaceId: n % 3 === 0 ? harbor : mainStreet });
    const [from, to] = n % 2 === 0 ? [shelf.id, attic.id] : [attic.id, shelf.id];
    const kind = n % 4;
    if (kind === 0) {
      const lines = order.map((variant_id, index) => ({ variant_id, delta: String(index % 2 === 0 ? -7 : 4) }));
      return room.adjust(attic.id, lines, ctx);
    }
    if (kind === 1) {
      const lines = order.map((variant_id) => ({ variant_id, counted: String(5 + (n % 6)) }));
      return room.adjust(shelf.id, lines, room.ctxOf());
    }
    if (kind === 2) {
      const lines = order.map((variant_id) => ({ variant_id, quantity: '3' }));
      return room.transfer(from, to, lines, room.ctxOf());
    }
    return room.order(Object.fromEntries(order.map((id) => [id, 4])), null, ctx);
  });
  const outcomes = await Promise.all(work.map(outcome));
  const said = new Map<string, number>();
  for (const each of outcomes) said.set(each, (said.get(each) ?? 0) + 1);
  // The database's own codes would be a circle of waiting (40P01), or stock below zero (23514).
  const expected = new Set(['done', 'stock_short', 'stock_reserved', 'conflict']);
  t.same(
    [...said.keys()].filter((each) => !expected.has(each)),
    [],
  );
  t.ok((said.get('done') ?? 0) > 10);
  t.comment(`measured: ${[...said].map(([each, times]) => `${each} ${times}`).join(', ')}`);

  t.same(await stockFaults(whole), []);
  await room.service.check.repair(whole, { reason: 'Orders that were held and passed over' });
  t.same((await room.check(whole)).differences, [], 'and nothing is free that an order waits for');
  for (const { on_hand, available } of await room.levels(whole)) t.ok(Number(on_hand) >= 0 && Number(available) >= 0);
});

t.test('the last piece goes to one', async (t) => {
  const variant = room.variants[20]?.id ?? '';
  await room.adjust(attic.id, [{ variant_id: variant, counted: '1' }], whole);
  await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      room.order({ [variant]: 1 }, null, room.ctxOf({ workspaceId: n % 2 === 0 ? harbor : mainStreet })),
    ),
  );
  const level = (await room.levels(whole)).find(({ variant_id }) => variant_id === variant);
  t.match(level, { on_hand: '1.0000', reserved: '1.0000' });
  t.same((await room.check(whole)).differences, []);
});

t.test('a repair among work', async (t) => {
  const work = Array.from({ length: 12 }, (_, n) => () => {
    if (n % 4 === 0) return room.service.check.repair(whole, { reason: 'Among work' });
    const lines = shuffled(n).map((variant_id) => ({ variant_id, delta: '2' }));
    return n % 4 === 1
      ? room.order(Object.fromEntries(shuffled(n).map((id) => [id, 2])))
      : room.adjust(attic.id, lines);
  });
  const outcomes = await Promise.all(work.map(outcome));
  t.same(
    [...new Set(outcomes)].filter((each) => each !== 'done' && each !== 'conflict'),
    [],
  );
  // An order that somebody held is passed over by whoever brings stock: it is free, and said to be, until it is repaired.
  const left = (await room.check(whole)).differences;
  t.same(
    left.filter(({ kind }) => kind !== 'unreserved'),
    [],
  );
  await room.service.check.repair(whole, { reason: 'After work' });
  t.same((await room.check(whole)).differences, []);
  t.same(await stockFaults(whole), []);
});
