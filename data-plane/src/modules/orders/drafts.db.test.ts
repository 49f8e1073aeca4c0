import { statement } from '@platen/chassis/db/statement';
import { noStats } from '@platen/chassis/db/types';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { Order } from '@platen/schema/contracts/data/orders';
import t from 'tap';
import { Value } from 'typebox/value';
import { v7 as uuidv7 } from 'uuid';
import { type NewOrder, type OrderBody, orderBasket } from '../../test/orders.fixture.js';
import { harbor, openSales, read } from '../../test/sales.fixture.js';
import { canonicalJson, sha256 } from '../pricing/index.js';

const sales = await openSales(t);
const { orders, quotes, pricing, ctxOf, db } = sales;
const basket = await orderBasket(sales);
const [line] = basket.lines;
if (!line) throw new Error('no line');
const eur = (amount: string, currency = 'EUR') => ({ amount, currency });

t.test('made directly: priced, with its receipts and taxes', async (t) => {
  // Prices once, so that the rule set is compiled.
  await orders.create(ctxOf(), basket);
  const stats = noStats();
  const given = { ...basket, due_on: '2026-04-01', deposit_due: eur('50') };
  const draft = read<OrderBody>(await orders.create(ctxOf({ stats }), given));
  t.equal(stats.roundTrips, 2, 'one to look up, one to write');
  t.ok(Value.Check(Order, draft), 'matches its contract');
  t.match(draft, { status: 'draft', payment_status: 'unpaid', number: null, quote_id: null, version: 1 });
  t.match(draft, { due_on: '2026-04-01', deposit_due: eur('50.0000') });
  t.same(read(await orders.get(ctxOf(), draft.id)), draft, 'what was answered is what is stored');
  const request = { customerId: basket.customer_id, priceOn: null, dueOn: given.due_on, lines: basket.lines };
  const priced = await pricing.price(ctxOf(), ctxOf().db, request);
  t.equal(draft.total.amount, priced.total);
  t.equal(draft.taxes.length, priced.taxes.length);
  t.ok(draft.taxes.length > 0);
  for (const [index, { receipt, receipt_hash, sizes }] of draft.lines.entries()) {
    t.equal(receipt_hash, priced.lines[index]?.receiptHash);
    t.equal(sha256(canonicalJson(receipt)), receipt_hash, 'the receipt is the one of the hash');
    t.same(
      sizes.map(({ variant_id, quantity }) => ({ variant_id, quantity })),
      basket.lines[index]?.sizes,
    );
  }
  const moves = read<{ items: unknown[] }>(await orders.listHistory(ctxOf(), draft.id, {}));
  t.match(moves.items, [{ from: null, to: 'draft', reason: null }]);
});

t.test('changed while it is a draft: priced again, one version on', async (t) => {
  const made = read<OrderBody>(await orders.create(ctxOf(), { ...basket, deposit_due: eur('50') }));
  const fewer = { lines: [{ ...line, sizes: line.sizes.slice(0, 1) }] };
  await t.rejects(orders.update(ctxOf({ ifMatch: 9 }), made.id, fewer), { code: 'version_mismatch' });
  await t.rejects(orders.update(ctxOf({ workspaceId: harbor }), made.id, fewer), { code: 'not_found' });
  const changed = read<OrderBody>(await orders.update(ctxOf({ ifMatch: 1 }), made.id, fewer));
  t.ok(Value.Check(Order, changed));
  t.equal(changed.version, 2);
  t.equal(changed.lines.length, 1);
  t.ok(Number(changed.total.amount) < Number(made.total.amount));
  t.same(changed.deposit_due, made.deposit_due, 'what is not named stays');
  t.same(read(await orders.get(ctxOf(), made.id)), changed);
  const later = read<OrderBody>(await orders.update(ctxOf(), made.id, { due_on: '2026-09-01', deposit_due: null }));
  t.match(later, { due_on: '2026-09-01', deposit_due: null, version: 3, total: changed.total });
  await t.rejects(orders.update(ctxOf(), made.id, { deposit_due: eur('99999999') }), { code: 'amount_out_of_range' });
  await t.rejects(orders.update(ctxOf(), made.id, { deposit_due: eur('1', 'USD') }), { code: 'currency_mismatch' });
  await orders.confirm(ctxOf(), made.id);
  await t.rejects(orders.update(ctxOf(), made.id, { due_on: null }), {
    code: 'illegal_transition',
    extensions: { allowed: ['in_production', 'cancelled'] },
  });
});

t.test('what was accepted in a quote is not priced again', async (t) => {
  const { id } = read<{ id: string }>(await quotes.create(ctxOf(), { ...basket, due_on: '2026-05-01' }));
  await quotes.send(ctxOf(), id);
  const accepted = read<OrderBody>(await quotes.accept(ctxOf(), id));
  const draft = read<OrderBody>(await quotes.convert(ctxOf(), id, null));
  for (const part of ['subtotal', 'discount', 'tax', 'total', 'taxes', 'due_on'] as const) {
    t.same(draft[part], accepted[part], `the quote's ${part}`);
  }
  t.same(
    draft.lines.map(({ id: _id, ...rest }) => rest),
    accepted.lines.map(({ id: _id, ...rest }) => rest),
    'its lines, with sizes, decorations, fees and receipts',
  );
  await t.rejects(orders.update(ctxOf(), draft.id, { lines: basket.lines }), { code: 'illegal_transition' });
  await t.rejects(orders.update(ctxOf(), draft.id, { customer_id: uuidv7() }), { code: 'illegal_transition' });
  const terms = { due_on: '2026-05-09', deposit_due: eur('10') };
  const changed = read<OrderBody>(await orders.update(ctxOf({ ifMatch: 1 }), draft.id, terms));
  t.match(changed, { due_on: '2026-05-09', deposit_due: eur('10.0000'), version: 2 });
  t.same([changed.lines, changed.taxes, changed.total], [draft.lines, draft.taxes, draft.total]);
  await t.rejects(orders.update(ctxOf(), draft.id, { deposit_due: eur('99999999') }), { code: 'amount_out_of_range' });
});

/** Rows of another organization of the same tenant, and of another tenant, in the same database. */
async function foreignRows(table: string, count = 2): Promise<string[]> {
  const ids = Array.from({ length: count }, () => uuidv7());
  await asSuperuser(db.superuserUrl, async (client) => {
    for (const [index, id] of ids.entries()) {
      const owner = index % 2 === 0 ? { organization_id: uuidv7() } : { tenant_id: uuidv7() };
      await client.query(
        `insert into ${table} select (jsonb_populate_record(r, $1::jsonb)).* from ${table} r limit 1`,
        [JSON.stringify({ ...owner, id, category_id: null, search: undefined })],
      );
    }
  });
  return ids;
}
const counted = statement<{ orders: number; lines: number }>(
  'test.count_orders',
  'select (select count(*) from erp_orders) as orders, (select count(*) from erp_order_lines) as lines',
  { parse: { orders: 'int', lines: 'int' } },
);

t.test('what a request names is looked for among one’s own', async (t) => {
  const draft = read<OrderBody>(await orders.create(ctxOf(), basket));
  const before = await ctxOf().db.leased.query(counted);
  const refused = async (change: Partial<NewOrder>, path: string, what: string) => {
    const refusal = { code: 'unknown_reference', fields: [{ path }] };
    await t.rejects(orders.create(ctxOf(), { ...basket, ...change }), refusal, `create: ${what}`);
    await t.rejects(orders.update(ctxOf(), draft.id, change), refusal, `update: ${what}`);
  };
  for (const id of [uuidv7(), ...(await foreignRows('erp_customers'))]) {
    await refused({ customer_id: id }, '/body/customer_id', 'customer');
  }
  for (const id of [uuidv7(), ...(await foreignRows('erp_products'))]) {
    await refused({ lines: [{ ...line, product_id: id }] }, '/body/lines/0/product_id', 'product');
  }
  await asSuperuser(db.superuserUrl, (client) =>
    client.query(
      `insert into erp_designs (tenant_id, organization_id, id, code, name, created_at, updated_at)
       select tenant_id, $1, $2, 'foreign', 'Foreign', now(), now() from erp_customers limit 1`,
      [uuidv7(), uuidv7()],
    ),
  );
  for (const id of [uuidv7(), ...(await foreignRows('erp_designs'))]) {
    await refused({ lines: [{ ...line, design_id: id }] }, '/body/lines/0/design_id', 'design');
    const decorations = [{ process: 'screen_print' as const, location: 'front', colours: 1, design_id: id }];
    await refused({ lines: [{ ...line, decorations }] }, '/body/lines/0/design_id', 'design of a decoration');
  }
  const other = basket.lines[1]?.sizes ?? [];
  await refused(
    { lines: [{ ...line, sizes: other }] },
    '/body/lines/0/sizes/0/variant_id',
    'variant of another product',
  );
  t.same(await ctxOf().db.leased.query(counted), before, 'nothing was written');
  t.same(read(await orders.get(ctxOf(), draft.id)), draft);
});
