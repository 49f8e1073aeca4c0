import { statement } from '@platen/chassis/db/statement';
import { noStats } from '@platen/chassis/db/types';
import { createChecker } from '@platen/chassis/validation/checker';
import { type purchaseOrders as contracts, PurchaseOrder } from '@platen/schema/contracts/data/purchase-orders';
import { purchaseOrderEvents } from '@platen/schema/events/purchase-order';
import t from 'tap';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { harbor, read, userId } from '../../../test/sales.fixture.js';
import { eur, managerId, openBuying, type PurchaseOrderBody } from '../buying.fixture.js';

const buying = await openBuying(t);
const { purchaseOrders, ctxOf, draft, supplierId, variants } = buying;
const { m, l, hoodie } = variants;
const nowhere = '01930000-0000-7000-8000-00000000dead';
type Page = Static<typeof contracts.history.response>;

const eventsOf = statement<{ type: keyof typeof purchaseOrderEvents; payload: object }>(
  'test.purchase_order_events',
  'select type, payload from outbox_events where right(key, 36) = $1 order by seq',
  { parse: { payload: 'json' } },
);

t.test('a draft: the supplier’s costs and currency, exact totals, changed, no more once submitted', async (t) => {
  await buying.terms.create(ctxOf(), {
    supplier_id: supplierId,
    variant_id: m,
    sku: 'BD-1',
    cost: eur('2.3333'),
    lead_days: 3,
  });
  const stats = noStats();
  const lines = [
    { variant_id: m, quantity: '7' },
    { variant_id: l, quantity: '0.5', unit_cost: eur('1.05') },
  ];
  const made = read<PurchaseOrderBody>(
    await purchaseOrders.create(ctxOf({ stats }), { supplier_id: supplierId, lines, note: 'Before noon' }),
  );
  t.ok(Value.Check(PurchaseOrder, made));
  t.match(made, {
    status: 'draft',
    number: null,
    currency: 'EUR',
    // 7 × 2.3333 = 16.3331 and 0.5 × 1.05 = 0.525, each as it will be billed.
    total: eur('16.8600'),
    lines: [
      {
        position: 1,
        supplier_sku: 'BD-1',
        unit_cost: eur('2.3333'),
        line_total: eur('16.3300'),
        received_quantity: '0',
      },
      { position: 2, supplier_sku: null, ordered_quantity: '0.5', line_total: eur('0.5300') },
    ],
  });
  const again = noStats();
  await purchaseOrders.create(ctxOf({ stats: again }), { supplier_id: supplierId, lines });
  t.equal(again.roundTrips, 3, 'what it names; the draft; commit');
  t.same(read(await purchaseOrders.get(ctxOf(), made.id)), made);

  const dollars = await buying.newSupplier('us-blanks', 'USD');
  const create = (line: object, supplier_id = supplierId) =>
    purchaseOrders.create(ctxOf(), { supplier_id, lines: [{ variant_id: m, quantity: '1', ...line }] });
  for (const [refused, code] of [
    [() => create({ unit_cost: { amount: '1', currency: 'USD' } }), 'currency_mismatch'],
    [() => create({ variant_id: nowhere, unit_cost: eur('1') }), 'unknown_reference'],
    [() => create({ unit_cost: eur('1') }, nowhere), 'unknown_reference'],
    [() => create({ variant_id: hoodie }), 'price_unavailable'],
    [() => create({ quantity: '0.0' }), 'amount_out_of_range'],
    [() => create({ quantity: '9999999999', unit_cost: eur('99999999999999') }), 'amount_out_of_range'],
    [() => purchaseOrders.update(ctxOf(), made.id, { location_id: nowhere }), 'unknown_reference'],
    [() => purchaseOrders.update(ctxOf(), made.id, { supplier_id: dollars }), 'price_unavailable'],
    [() => purchaseOrders.update(ctxOf({ ifMatch: 7 }), made.id, { note: null }), 'version_mismatch'],
    [() => purchaseOrders.update(ctxOf(), nowhere, { note: null }), 'not_found'],
  ] as const) {
    await t.rejects(refused, { code });
  }
  const moved = {
    supplier_id: dollars,
    lines: [{ variant_id: m, quantity: '3', unit_cost: { amount: '2', currency: 'USD' } }],
  };
  t.match(read(await purchaseOrders.update(ctxOf({ ifMatch: 1 }), made.id, moved)), {
    version: 2,
    currency: 'USD',
    total: { amount: '6.0000', currency: 'USD' },
    note: 'Before noon',
    lines: [{ position: 1, variant_id: m, supplier_sku: null }],
  });
  t.match(read(await purchaseOrders.update(ctxOf(), made.id, { note: null })), {
    note: null,
    lines: [{ variant_id: m }],
  });
  await purchaseOrders.submit(ctxOf(), made.id);
  await t.rejects(purchaseOrders.update(ctxOf(), made.id, { note: 'x' }), { code: 'illegal_transition' });
});

t.test('nobody approves their own, unless a permission says so', async (t) => {
  const submit = async () => {
    const { id } = await draft({ [m]: '5' });
    await purchaseOrders.submit(ctxOf(), id);
    return id;
  };
  const lacks = ['erp.purchase_order.approve_own'] as const;
  const own = await submit();
  await t.rejects(purchaseOrders.approve(ctxOf({ lacks }), own), { code: 'own_document' });
  t.match(read(await purchaseOrders.approve(ctxOf({ lacks, by: managerId }), own)), {
    status: 'approved',
    submitted_by: userId,
    approved_by: managerId,
  });
  t.match(read(await purchaseOrders.approve(ctxOf(), await submit())), { submitted_by: userId, approved_by: userId });

  // Who submits it again is whose it is.
  const twice = await submit();
  const first = read<PurchaseOrderBody>(await purchaseOrders.reject(ctxOf({ by: managerId }), twice, 'Too many'));
  t.match(read(await purchaseOrders.reopen(ctxOf(), twice)), {
    status: 'draft',
    number: first.number,
    submitted_by: null,
  });
  t.match(read(await purchaseOrders.submit(ctxOf({ by: managerId }), twice)), {
    number: first.number,
    submitted_by: managerId,
  });
  await t.rejects(purchaseOrders.approve(ctxOf({ lacks, by: managerId }), twice), { code: 'own_document' });
  t.match(read(await purchaseOrders.approve(ctxOf({ lacks }), twice)), { status: 'approved' });
});

t.test('moves: three round trips, history with reasons, events by their schemas; no way back', async (t) => {
  const { id } = await draft({ [m]: '5' });
  const stats = noStats();
  const submitted = read<PurchaseOrderBody>(await purchaseOrders.submit(ctxOf({ stats, ifMatch: 1 }), id));
  t.equal(stats.roundTrips, 3, 'lock, number, commit');
  t.match(submitted, { number: /^PO-2026-\d{5}$/, version: 2 });
  await t.rejects(purchaseOrders.approve(ctxOf({ ifMatch: 1 }), id), {
    code: 'version_mismatch',
    extensions: { version: 2 },
  });
  await t.rejects(purchaseOrders.close(ctxOf(), id), { code: 'illegal_transition' });
  await purchaseOrders.reject(ctxOf(), id, 'Too dear');
  await t.rejects(purchaseOrders.approve(ctxOf(), id), {
    code: 'illegal_transition',
    extensions: { current: 'rejected', allowed: ['draft', 'cancelled'] },
  });
  await purchaseOrders.reopen(ctxOf(), id);
  await purchaseOrders.submit(ctxOf(), id);
  await purchaseOrders.approve(ctxOf(), id);
  t.match(read(await purchaseOrders.cancel(ctxOf(), id, 'Out of stock there')), { status: 'cancelled' });
  for (const move of ['submit', 'approve', 'reopen', 'close'] as const) {
    await t.rejects(purchaseOrders[move](ctxOf(), id), { code: 'illegal_transition' });
  }
  const { items } = read<Page>(await purchaseOrders.listHistory(ctxOf(), id, {}));
  t.same(
    items.map(({ to, reason }) => [to, reason]),
    [
      ['draft', null],
      ['submitted', null],
      ['rejected', 'Too dear'],
      ['draft', null],
      ['submitted', null],
      ['approved', null],
      ['cancelled', 'Out of stock there'],
    ],
  );
  const events = await ctxOf().db.leased.query(eventsOf, [id]);
  t.same(
    events.map(({ type }) => type.slice('erp.purchase_order.'.length)),
    ['created', 'submitted', 'rejected', 'reopened', 'submitted', 'approved', 'cancelled'],
  );
  for (const { type, payload } of events) t.ok(createChecker(purchaseOrderEvents[type]).check(payload), type);
});

t.test('two approve at once: one does; forty submitted at once: numbers without a gap', async (t) => {
  const { id } = await draft({ [m]: '5' });
  await purchaseOrders.submit(ctxOf(), id);
  const both = await Promise.allSettled(
    [managerId, '01930000-0000-7000-8000-0000000000aa'].map((by) => purchaseOrders.approve(ctxOf({ by }), id)),
  );
  t.same(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  t.match(
    both.find((each) => each.status === 'rejected'),
    { reason: { code: 'illegal_transition' } },
  );

  const instances = [buying.sales.connect(), buying.sales.connect()];
  const drafts = await Promise.all(Array.from({ length: 40 }, () => draft({ [m]: '1' })));
  const results = await Promise.allSettled(
    drafts.flatMap((each, index) => {
      const on = instances[index % 2];
      const submit = (ifMatch: number) => purchaseOrders.submit(ctxOf({ ifMatch, ...(on && { on }) }), each.id);
      // Every fifth twice, every fifth by somebody who read another version.
      return index % 5 === 0 ? [submit(1), submit(1), submit(9)] : [submit(1)];
    }),
  );
  const numbers = results.flatMap((each) =>
    each.status === 'fulfilled' ? [Number(read<PurchaseOrderBody>(each.value).number?.slice(-5))] : [],
  );
  t.equal(numbers.length, 40);
  const sorted = numbers.toSorted((a, b) => a - b);
  t.same(
    sorted,
    Array.from({ length: 40 }, (_, index) => (sorted[0] ?? 0) + index),
    'each the next',
  );
});

t.test('lists by status, supplier and number; another workspace sees none of it', async (t) => {
  const { id, number } = await buying.approved({ [hoodie]: '2' });
  const ids = async (query: object, options = {}) =>
    read<{ items: { id: string }[] }>(await purchaseOrders.list(ctxOf(options), query)).items.map((item) => item.id);
  t.same(await ids({ number_prefix: number ?? '' }), [id]);
  t.equal((await ids({ status: 'approved', supplier_id: supplierId }))[0], id);
  t.same(await ids({ supplier_id: nowhere }), []);
  t.same(await ids({}, { workspaceId: harbor }), []);
  const stranger = ctxOf({ workspaceId: harbor });
  for (const refused of [
    async (): Promise<unknown> => purchaseOrders.get(stranger, id),
    async (): Promise<unknown> => purchaseOrders.cancel(stranger, id, 'x'),
    async (): Promise<unknown> => purchaseOrders.listHistory(stranger, id, {}),
    async (): Promise<unknown> => buying.receipts.list(stranger, id, {}),
    async (): Promise<unknown> => buying.bills.list(stranger, id, {}),
    async (): Promise<unknown> => buying.match.get(stranger, id),
  ]) {
    await t.rejects(refused, { code: 'not_found' });
  }
});
