import { stock, stockAdjustments, stockLocations, stockMoves } from '@platen/schema/contracts/data/stock';
import t from 'tap';
import { Value } from 'typebox/value';
import { harbor, mainStreet, read } from '../../test/sales.fixture.js';
import { stockFaults } from '../../test/stock.fixture.js';
import { type MoveItem, openStockroom, reason, type ShortageItem, standOf } from './stockroom.fixture.js';

const room = await openStockroom(t);
const { service, ctxOf } = room;
const [shirt, cap, mug, bag] = room.variants.map(({ id }) => id) as [string, string, string, string];
const whole = () => ctxOf({ workspaceId: null });
const atHarbor = () => ctxOf({ workspaceId: harbor });
const dead = '01930000-0000-7000-8000-00000000dead';

t.test('locations: of the context, or of the whole organization', async (t) => {
  const own = await room.newLocation(mainStreet);
  t.ok(Value.Check(stockLocations.get.response, own));
  t.match(own, { kind: 'internal', workspace_id: mainStreet, position: 0, allow_negative: false, version: 1 });
  const shared = read<{ id: string }>(
    await service.locations.create(ctxOf(), { code: 'Attic', name: 'Attic', workspace_id: null, position: 3 }),
  );
  t.match(shared, { code: 'attic', workspace_id: null, position: 3 });
  await t.rejects(service.locations.create(ctxOf(), { code: 'ATTIC', name: 'Again' }), { code: 'duplicate' });
  for (const workspace_id of [harbor, dead]) {
    const body = { code: 'elsewhere', name: 'Elsewhere', workspace_id };
    await t.rejects(service.locations.create(ctxOf(), body), { code: 'unknown_reference' });
  }
  await t.rejects(service.locations.get(atHarbor(), own.id), { code: 'not_found' });
  await t.rejects(service.locations.update(atHarbor(), own.id, { name: 'Mine' }), { code: 'not_found' });
  t.match(read(await service.locations.get(atHarbor(), shared.id)), { name: 'Attic' });

  await t.rejects(service.locations.update(ctxOf({ ifMatch: 2 }), own.id, { name: 'x' }), { code: 'version_mismatch' });
  const renamed = read(await service.locations.update(ctxOf({ ifMatch: 1 }), own.id, { name: 'Shelf', position: 2 }));
  t.match(renamed, { name: 'Shelf', position: 2, version: 2 });
  const page = read<{ items: { id: string }[] }>(await service.locations.list(ctxOf(), { kind: 'internal' }));
  t.ok(Value.Check(stockLocations.list.response, page));
  t.ok(page.items.some(({ id }) => id === own.id));
});

t.test('stock below zero, where a location allows it', async (t) => {
  const shelf = await room.newLocation(mainStreet);
  const below = { variant_id: shirt, delta: '-2' };
  await t.rejects(room.adjust(shelf.id, [below]), {
    code: 'stock_short',
    extensions: { missing: [{ variant_id: shirt, quantity: '2.0000' }] },
  });
  await room.adjust(shelf.id, [{ variant_id: shirt, counted: '1' }]);
  const allow = (allow_negative: boolean) => service.locations.update(ctxOf(), shelf.id, { allow_negative });
  await allow(true);
  const { levels } = await room.adjust(shelf.id, [below]);
  t.match(levels, [{ on_hand: '-1.0000', reserved: '0.0000', available: '-1.0000' }]);
  await t.rejects(allow(false), { code: 'in_use' });
  t.match(read(await service.locations.get(ctxOf(), shelf.id)), { allow_negative: true }, 'and nothing is changed');
  await room.adjust(shelf.id, [{ variant_id: shirt, counted: '0' }]);
  await allow(false);
  await t.rejects(room.adjust(shelf.id, [below]), { code: 'stock_short' });
});

t.test('counts and differences are entries from and to loss', async (t) => {
  const shelf = await room.newLocation(mainStreet);
  const counted = await room.adjust(shelf.id, [
    { variant_id: cap, counted: '12.5' },
    { variant_id: mug, delta: '3' },
  ]);
  t.ok(Value.Check(stockAdjustments.create.response, counted));
  t.match(counted.moves, [
    { variant_id: cap, quantity: '12.5000', to_location_id: shelf.id, kind: 'adjustment', reason },
    { variant_id: mug, quantity: '3.0000', source_id: counted.id },
  ]);
  const again = await room.adjust(shelf.id, [
    { variant_id: cap, counted: '12.5' },
    { variant_id: mug, delta: '-1' },
  ]);
  t.match(again.moves, [{ variant_id: mug, quantity: '1.0000', from_location_id: shelf.id }], 'the same count is none');
  t.match(again.levels, [{ on_hand: '12.5000' }, { on_hand: '2.0000' }]);

  const refused = (lines: Parameters<typeof room.adjust>[1]) => room.adjust(shelf.id, lines);
  await t.rejects(refused([{ variant_id: cap }]), { code: 'validation_failed' });
  await t.rejects(refused([{ variant_id: cap, counted: '1', delta: '1' }]), { code: 'validation_failed' });
  const twice = { variant_id: cap, delta: '1' };
  await t.rejects(refused([twice, twice]), {
    code: 'validation_failed',
    fields: [{ path: '/body/lines/1/variant_id' }],
  });
  await t.rejects(refused([{ variant_id: dead, delta: '1' }]), {
    code: 'unknown_reference',
    fields: [{ path: '/body/lines/0/variant_id' }],
  });
  await t.rejects(room.adjust(dead, [twice]), { code: 'unknown_reference', fields: [{ path: '/body/location_id' }] });
  await t.rejects(room.adjust(shelf.id, [twice], atHarbor()), { code: 'unknown_reference' });
  const { items } = read<{ items: { id: string }[] }>(await service.locations.list(ctxOf(), { kind: 'loss' }));
  await t.rejects(room.adjust(items[0]?.id ?? '', [twice]), { code: 'unknown_reference' }, 'outside holds no stock');
});

t.test('between a workspace and the organization: two entries, each seen with its location', async (t) => {
  const [own, attic] = [await room.newLocation(mainStreet), await room.newLocation(null)];
  await room.adjust(own.id, [{ variant_id: bag, counted: '10' }]);
  const moved = await room.transfer(own.id, attic.id, [{ variant_id: bag, quantity: '4' }]);
  t.ok(Value.Check(stockMoves.transfer.response, moved));
  const [out, into] = moved.moves;
  t.match(out, { from_location_id: own.id, quantity: '4.0000', kind: 'transfer', source_id: moved.id });
  t.match(into, { from_location_id: out?.to_location_id, to_location_id: attic.id });
  t.equal(moved.moves.length, 2);
  const shelf = await room.newLocation(mainStreet);
  t.equal((await room.transfer(own.id, shelf.id, [{ variant_id: bag, quantity: '1' }])).moves.length, 1);

  const seen = async (ctx = ctxOf()) => read<{ items: MoveItem[] }>(await service.moves(ctx, { source_id: moved.id }));
  t.same((await seen()).items, moved.moves.toReversed());
  t.same((await seen(atHarbor())).items, [into], 'its end of it');
  t.same((await room.check(atHarbor())).differences, [], 'which proves the level that it sees');
  t.same((await room.check()).differences, []);
  t.same((await room.check(whole())).differences, []);
  t.same(standOf(await room.levels(atHarbor()), attic.id, bag), [4, 0]);
  t.same(standOf(await room.levels(atHarbor()), own.id, bag), [0, 0]);

  const more = [{ variant_id: bag, quantity: '6' }];
  await t.rejects(room.transfer(own.id, attic.id, more), {
    code: 'stock_short',
    extensions: { missing: [{ variant_id: bag, quantity: '1.0000' }] },
  });
  await t.rejects(room.transfer(own.id, own.id, more), { code: 'validation_failed' });
  await t.rejects(room.transfer(own.id, attic.id, [{ variant_id: bag, quantity: '0.0' }]), {
    code: 'validation_failed',
    fields: [{ path: '/body/lines/0/quantity' }],
  });
  await t.rejects(room.transfer(attic.id, own.id, more, atHarbor()), {
    code: 'unknown_reference',
    fields: [{ path: '/body/to_location_id' }],
  });
});

t.test('fewer than promised: the latest due order loses, and gets what comes', async (t) => {
  const [shelf, other] = [await room.newLocation(mainStreet, { position: 1 }), await room.newLocation(mainStreet)];
  const variant = room.variants[10]?.id ?? '';
  await room.adjust(shelf.id, [{ variant_id: variant, counted: '20' }]);
  const late = await room.order({ [variant]: 8 }, '2026-05-01');
  const early = await room.order({ [variant]: 9 }, '2026-04-01');
  t.same(standOf(await room.levels(), shelf.id, variant), [20, 17]);
  await t.rejects(room.transfer(shelf.id, other.id, [{ variant_id: variant, quantity: '4' }]), { code: 'stock_short' });

  const counted = await room.adjust(shelf.id, [{ variant_id: variant, counted: '10' }]);
  t.ok(Value.Check(stockAdjustments.create.response, counted));
  t.match(counted.levels, [{ on_hand: '10.0000', reserved: '10.0000' }]);
  t.match(counted.short, [
    { variant_id: variant, orders: [{ order_id: late.id, due_on: '2026-05-01', quantity: '7.0000' }] },
  ]);

  const shortages = async (query: { order_id?: string } = {}, ctx = ctxOf()) => {
    const page = read<{ items: ShortageItem[] }>(await service.shortages(ctx, query));
    t.ok(Value.Check(stock.shortages.response, page));
    return page.items.filter(({ variant_id }) => variant_id === variant);
  };
  t.match(await shortages(), [
    {
      short: '7.0000',
      available: '0.0000',
      incoming: '0.0000',
      expected_on: null,
      order_count: 1,
      orders: [{ order_id: late.id, number: late.number, quantity: '7.0000' }],
    },
  ]);
  t.equal((await shortages({ order_id: late.id })).length, 1);
  t.same(await shortages({ order_id: early.id }), []);
  t.same(await shortages({}, atHarbor()), [], 'nobody else’s');

  await room.adjust(other.id, [{ variant_id: variant, delta: '5' }]);
  t.same(standOf(await room.levels(), other.id, variant), [5, 5], 'what comes is promised at once');
  t.match(await shortages(), [{ short: '2.0000' }]);
  const gone = await room.adjust(shelf.id, [{ variant_id: variant, counted: '0' }]);
  t.match(gone.short, [
    {
      orders: [
        { order_id: early.id, quantity: '9.0000' },
        { order_id: late.id, quantity: '3.0000' },
      ],
    },
  ]);
  t.same((await room.check()).differences, []);
  t.same(await stockFaults(whole()), []);
});

t.test('what orders of another workspace hold cannot be counted away from here', async (t) => {
  const attic = await room.newLocation(null);
  const variant = room.variants[11]?.id ?? '';
  await room.adjust(attic.id, [{ variant_id: variant, counted: '6' }]);
  const order = await room.order({ [variant]: 5 }, null, atHarbor());
  await t.rejects(room.adjust(attic.id, [{ variant_id: variant, counted: '4' }]), {
    code: 'stock_reserved',
    extensions: { variant_id: variant, quantity: '1.0000' },
  });
  t.same(standOf(await room.levels(), attic.id, variant), [6, 5]);
  const { short } = await room.adjust(attic.id, [{ variant_id: variant, counted: '4' }], whole());
  t.match(short, [{ orders: [{ order_id: order.id, quantity: '1.0000' }] }], 'but from the whole organization');
  // A shelf of one workspace serves no order of another, though the organization sees both.
  const own = await room.newLocation(mainStreet);
  await room.adjust(own.id, [{ variant_id: variant, counted: '9' }], whole());
  t.same(standOf(await room.levels(), own.id, variant), [9, 0]);
  t.same((await room.check(whole())).differences, []);
});

t.test('levels and entries are found by what is asked', async (t) => {
  const shelf = await room.newLocation(mainStreet);
  const some = room.variants.slice(12, 17);
  await room.adjust(
    shelf.id,
    some.map(({ id }, n) => ({ variant_id: id, counted: String(n + 1) })),
  );
  const list = async (query: Parameters<typeof service.levels>[1]) => {
    const page = read<{ items: { sku: string; variant_id: string }[]; next_cursor: string | null }>(
      await service.levels(ctxOf(), query),
    );
    t.ok(Value.Check(stock.levels.response, page));
    return page;
  };
  const at = { location_id: shelf.id };
  t.equal((await list(at)).items.length, 5);
  t.same((await list({ ...at, below: '3' })).items.length, 2);
  t.match((await list({ ...at, variant_id: some[0]?.id ?? '' })).items, [{ sku: some[0]?.sku }]);
  const skus = some.map(({ sku }) => sku);
  const prefix = skus[0]?.slice(0, 3).toUpperCase() ?? '';
  const one = await list({ ...at, sku_prefix: prefix, limit: 2 });
  const two = await list({ ...at, sku_prefix: prefix, limit: 200, cursor: one.next_cursor ?? '' });
  const expected = skus.filter((sku) => sku.startsWith(prefix.toLowerCase()));
  t.ok(expected.length > 2);
  t.same(
    [...one.items, ...two.items].map(({ sku }) => sku),
    expected,
    'in their order, over pages',
  );

  const moves = async (query: Parameters<typeof service.moves>[1]) => {
    const page = read<{ items: MoveItem[]; next_cursor: string | null }>(await service.moves(ctxOf(), query));
    t.ok(Value.Check(stockMoves.list.response, page));
    return page;
  };
  t.equal((await moves(at)).items.length, 5);
  t.equal((await moves({ ...at, kind: 'transfer' })).items.length, 0);
  t.equal((await moves({ ...at, variant_id: some[1]?.id ?? '', kind: 'adjustment' })).items.length, 1);
  const page1 = await moves({ ...at, limit: 3 });
  const page2 = await moves({ ...at, limit: 3, cursor: page1.next_cursor ?? '' });
  t.same([...page1.items, ...page2.items], (await moves(at)).items);
  t.equal((await moves({ order_id: dead })).items.length, 0);
});
