import { purchaseBills as contracts, PurchaseBill } from '@platen/schema/contracts/data/purchase-bills';
import { PurchaseSuggestions } from '@platen/schema/contracts/data/purchase-suggestions';
import t from 'tap';
import { Value } from 'typebox/value';
import type { OrderBody } from '../../../test/orders.fixture.js';
import { harbor, read } from '../../../test/sales.fixture.js';
import { type BillBody, eur, openBuying, type PurchaseOrderBody } from '../buying.fixture.js';

const buying = await openBuying(t);
const { bills, receipts, match, suggestions, purchaseOrders, ctxOf, approved, variants, supplierId, sales } = buying;
const { m, l, hoodie } = variants;
const line = (order: PurchaseOrderBody, at: number, quantity: string, unitCost?: string) => ({
  purchase_order_line_id: order.lines[at]?.id ?? '',
  quantity,
  ...(unitCost !== undefined && { unit_cost: eur(unitCost) }),
});

t.test('a bill is kept as it came; the three-way view says what is wrong with it', async (t) => {
  const order = await approved({ [m]: '10', [l]: '4' }, '2.3333');
  await receipts.create(ctxOf(), order.id, { lines: [line(order, 0, '10'), line(order, 1, '3')] });
  const body = {
    reference: ' INV-7 ',
    billed_on: '2026-02-28',
    lines: [line(order, 0, '10', '2.4'), line(order, 1, '4')],
  };
  await t.rejects(bills.create(ctxOf({ ifMatch: order.version }), order.id, body), { code: 'version_mismatch' });
  const made = read<BillBody>(await bills.create(ctxOf(), order.id, body));
  t.ok(Value.Check(contracts.create.response, made));
  t.match(made, {
    // 24 and 4 × 2.3333 = 9.3332
    bill: { reference: 'INV-7', due_on: null, total: eur('33.3300'), lines: [{ line_total: eur('24.0000') }, {}] },
    purchase_order: { status: 'partially_received', lines: [{ billed_quantity: '10' }, { billed_quantity: '4' }] },
  });
  t.match(await match.get(ctxOf(), order.id), {
    verdict: 'differs',
    billed_total: eur('33.3300'),
    lines: [
      { differences: [{ kind: 'cost_higher', quantity: '10', amount: eur('0.6670') }] },
      { differences: [{ kind: 'received_short' }, { kind: 'billed_over', quantity: '1', amount: eur('2.3300') }] },
    ],
  });
  const page = read<{ items: BillBody['bill'][] }>(await bills.list(ctxOf(), order.id, {}));
  t.ok(Value.Check(PurchaseBill, page.items[0]));
  t.same(page.items, [made.bill]);
});

t.test('an invoice number counts once for a supplier, also of two at once', async (t) => {
  const [first, second] = await Promise.all([approved({ [m]: '1' }), approved({ [m]: '1' })]);
  const record = (order: PurchaseOrderBody) =>
    bills.create(ctxOf(), order.id, { reference: 'INV-8', lines: [line(order, 0, '1')] });
  const both = await Promise.allSettled([record(first), record(second)]);
  t.same(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  t.match(
    both.find((each) => each.status === 'rejected'),
    {
      reason: { code: 'duplicate', fields: [{ path: '/body/reference' }] },
    },
  );
  const draft = await buying.draft({ [m]: '1' });
  await t.rejects(record(draft), { code: 'illegal_transition' });
  await t.rejects(
    bills.create(ctxOf(), first.id, {
      reference: 'INV-9',
      lines: [{ ...line(first, 0, '1'), unit_cost: { amount: '1', currency: 'USD' } }],
    }),
    { code: 'currency_mismatch' },
  );
});

t.test('suggestions: what is short, who waits for it, and a draft that can be posted', async (t) => {
  const { orders } = sales;
  const [shirts, hoodies] = buying.basket.lines;
  if (!shirts || !hoodies) throw new Error('no lines');
  const confirmed = async (lines: typeof buying.basket.lines, due_on: string | null) => {
    const { id } = read<OrderBody>(await orders.create(ctxOf(), { ...buying.basket, lines, due_on }));
    return read<OrderBody>(await orders.confirm(ctxOf(), id));
  };
  const quick = await buying.newSupplier('quick');
  const sell = (supplier_id: string, variant_id: string, cost: string, lead_days: number) =>
    buying.terms.create(ctxOf(), { supplier_id, variant_id, cost: eur(cost), lead_days });
  await sell(supplierId, hoodie, '9.10', 20);
  await sell(quick, hoodie, '11.25', 3);
  const later = await confirmed([hoodies], '2026-03-30');
  const sooner = await confirmed([hoodies], '2026-03-05');
  await confirmed([shirts], null);
  const mine = async (options = {}) => {
    const all = await suggestions.get(ctxOf(options));
    t.ok(Value.Check(PurchaseSuggestions, all));
    const ofMine = ({ variant_id }: { variant_id: string }) => [m, l, hoodie].includes(variant_id);
    const proposed = all.purchase_orders.filter(({ lines }) => lines.some(ofMine));
    return { ...all, proposed, orphans: all.without_supplier.filter(ofMine), coming: all.awaited.filter(ofMine) };
  };
  const first = await mine();
  t.equal(first.on, '2026-03-01');
  t.equal(first.orphans.length, 2, 'nobody delivers the shirts');
  const lines = (awaited: [string, string]) => [
    {
      variant_id: hoodie,
      short_quantity: '14',
      orders: [
        {
          order_id: sooner.id,
          number: sooner.number,
          due_on: '2026-03-05',
          quantity: '7',
          awaited_quantity: awaited[0],
        },
        { order_id: later.id, number: later.number, due_on: '2026-03-30', quantity: '7', awaited_quantity: awaited[1] },
      ],
    },
  ];
  t.match(first.proposed, [{ supplier_code: 'quick', total: eur('157.5000'), lines: lines(['0', '0']) }]);
  t.same((await mine({ workspaceId: harbor })).proposed, [], 'another workspace’s orders are not shown');

  // Ten are on their way: the other four are for the order that can wait, so the cheaper supplier will do.
  const bought = await approved({ [hoodie]: '10' }, '9.10');
  const second = await mine();
  t.match(second.proposed, [
    { supplier_code: 'blanks-direct', lines: [{ ...lines(['7', '3'])[0], quantity: '4', on_the_way_quantity: '10' }] },
  ]);
  const draft = second.proposed[0]?.draft;
  if (!draft) throw new Error('nothing is proposed');
  const made = read<PurchaseOrderBody>(await purchaseOrders.create(ctxOf(), draft));
  t.match(made, { total: eur('36.4000'), expected_on: '2026-03-21' });
  t.match((await mine()).proposed, [{ lines: [{ quantity: '4', drafted_quantity: '4' }] }]);
  await purchaseOrders.submit(ctxOf(), made.id);
  const third = await mine();
  t.same(third.proposed, []);
  t.match(third.coming, [{ ...lines(['7', '7'])[0], on_the_way_quantity: '10', submitted_quantity: '4' }]);
  await purchaseOrders.reject(ctxOf(), made.id, 'Not now');
  await receipts.create(ctxOf(), bought.id, { lines: [line(bought, 0, '10')] });
  t.match((await mine()).proposed, [
    { lines: [{ short_quantity: '4', quantity: '4', on_the_way_quantity: '0', orders: [{ number: later.number }] }] },
  ]);
});
