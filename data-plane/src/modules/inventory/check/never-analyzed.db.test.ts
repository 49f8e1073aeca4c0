import t from 'tap';
import { mainStreet } from '../../../test/sales.fixture.js';
import { createPurchaseSuggestionService } from '../../purchasing/suggestions/service.js';
import { analyzeShop, fillShop } from '../filled-shop.fixture.js';
import { openStockroom } from '../stockroom.fixture.js';

t.setTimeout(240_000);

const entries = 21_000;
const [orders, sizesOfOrder] = [2_500, 4];
const room = await openStockroom(t);
const shelf = await room.newLocation(mainStreet);
await fillShop(room, shelf.id, { orders, sizesOfOrder, entries });
const { service, ctxOf } = room;
const suggestions = createPurchaseSuggestionService({ findOrganization: () => room.sales.organization });
const variantIds = room.variants.slice(-20).map(({ id }) => id);

/** What reads many rows of several tables. */
const works: Readonly<Record<string, () => Promise<unknown>>> = {
  check: () => service.check.check(ctxOf(), undefined),
  'check of the whole': () => service.check.check(ctxOf({ workspaceId: null }), undefined),
  shortages: () => service.shortages(ctxOf(), { limit: 50 }),
  suggestions: () => suggestions.get(ctxOf()),
  // Of all that is promised, so that who holds it is looked for, and found again among those that wait.
  count: () =>
    room.adjust(
      shelf.id,
      variantIds.map((variant_id) => ({ variant_id, counted: '5' })),
    ),
};

async function measure(): Promise<Map<string, number>> {
  const took = new Map<string, number>();
  for (const [name, work] of Object.entries(works)) {
    const startedAt = performance.now();
    await work();
    took.set(name, performance.now() - startedAt);
  }
  return took;
}

t.test('a shop that was filled a moment ago: everything answers before anybody counted its rows', async (t) => {
  const checked = { moves: 0, reservations: 0 };
  let cursor: string | undefined;
  do {
    const page = await service.check.check(ctxOf(), cursor);
    t.same(page.differences, []);
    checked.moves += page.checked.moves;
    checked.reservations += page.checked.reservations;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  t.ok(checked.moves >= entries);
  t.ok(checked.reservations > 0);

  const before = await measure();
  await analyzeShop(room);
  const after = await measure();
  for (const [name, ms] of before) {
    const known = after.get(name) ?? 0;
    t.comment(`measured: ${name} ${ms.toFixed(0)} ms without statistics, ${known.toFixed(0)} ms with`);
  }
});
