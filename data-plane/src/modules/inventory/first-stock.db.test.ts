import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { untilLocksAwaited } from '@platen/chassis/testkit/lock-waits';
import t from 'tap';
import { v7 } from 'uuid';
import { mainStreet } from '../../test/sales.fixture.js';
import { stockFaults } from '../../test/stock.fixture.js';
import { openStockroom, outcome, standOf } from './stockroom.fixture.js';

// What nobody ever had in stock has no row that could be locked: many bring it at once.
const room = await openStockroom(t);
const whole = room.ctxOf({ workspaceId: null });
const shelf = await room.newLocation(mainStreet);
// The organization's places are there.
await room.adjust(shelf.id, [{ variant_id: room.variants[0]?.id ?? '', counted: '1' }]);

/** A round's own variants, copies of one that was seeded. */
async function newVariants(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => v7());
  await asSuperuser(room.sales.db.superuserUrl, (client) =>
    client.query(
      `insert into erp_product_variants
       select (jsonb_populate_record(v, jsonb_build_object('id', made.id, 'sku', made.id))).*
       from erp_product_variants v, unnest($2::uuid[]) as made (id) where v.id = $1`,
      [room.variants[0]?.id, ids],
    ),
  );
  return ids;
}

const tally = (all: readonly string[]) => {
  const counts: Record<string, number> = {};
  for (const each of all) counts[each] = (counts[each] ?? 0) + 1;
  return counts;
};

t.test('those who count the same for the first time count the same pieces', async (t) => {
  const variants = await newVariants(3);
  const lines = variants.map((variant_id) => ({ variant_id, counted: '10' }));
  await asSuperuser(room.sales.db.superuserUrl, async (client) => {
    // Nobody writes an entry before everybody has looked.
    await client.query('begin');
    await client.query('lock table erp_stock_moves in share mode');
    const counts = Promise.all(Array.from({ length: 4 }, () => outcome(() => room.adjust(shelf.id, lines))));
    await untilLocksAwaited(room.sales.db.superuserUrl, 4);
    await client.query('commit');
    t.same(await counts, ['done', 'done', 'done', 'done']);
  });
  const levels = await room.levels();
  for (const variant of variants) t.same(standOf(levels, shelf.id, variant), [10, 0]);
  t.same(await stockFaults(whole), []);
});

t.test('many bring overlapping first stock: nobody waits in a circle', async (t) => {
  const outcomes: string[] = [];
  let seed = 7;
  const next = (): number => {
    seed = (seed * 48271) % 2147483647;
    return seed;
  };
  for (let round = 0; round < 2; round += 1) {
    const variants = await newVariants(5);
    const work = Array.from({ length: 32 }, () => {
      const chosen = variants.filter(() => next() % 2 === 0);
      const lines = (chosen.length > 0 ? chosen : variants).map((variant_id) => ({ variant_id, delta: '1' }));
      return () => room.adjust(shelf.id, lines);
    });
    outcomes.push(...(await Promise.all(work.map(outcome))));
  }
  t.same(tally(outcomes), { done: 64 });
  t.same(await stockFaults(whole), []);
});
