import { statement } from '@platen/chassis/db/statement';
import { orderMail } from '@platen/schema/contracts/internal/order-mail';
import t from 'tap';
import { Value } from 'typebox/value';
import { confirmedOrder, type OrderBody, orderBasket } from '../../test/orders.fixture.js';
import { harbor, mainStreet, now, openSales, read } from '../../test/sales.fixture.js';
import { findOrderMail } from './mail.js';

const sales = await openSales(t);
const { orders, ctxOf, organization } = sales;
const hours = 3_600_000;
const forgetAddress = statement<never>(
  'test.forget_address',
  'update erp_customers set email = null where id = $1::uuid',
);
const mailOf = async (id: string, { workspaceId = mainStreet, later = 0 } = {}) => {
  const of = { organization, now: new Date(now.getTime() + later) };
  const answer = read(await findOrderMail(ctxOf({ workspaceId }).db, of, id));
  t.ok(Value.Check(orderMail.get.response, answer));
  return answer;
};

t.test('the mail of a confirmed order, in the scope of its event', async (t) => {
  const order = await confirmedOrder(sales);
  const { number, total, deposit_due, due_on } = order;
  t.match(await mailOf(order.id), {
    mail: { number, total, deposit_due, due_on, from_name: 'Acme Print', locale: 'en', to: { email: /@/ } },
    withheld: null,
  });
  await t.rejects(mailOf(order.id, { workspaceId: harbor }), { code: 'not_found' });
  const draft = read<OrderBody>(await orders.create(ctxOf(), await orderBasket(sales)));
  await t.rejects(mailOf(draft.id), { code: 'not_found' });
});

t.test('a weekend later it is still told, a month later no more', async (t) => {
  const order = await confirmedOrder(sales);
  t.match(await mailOf(order.id, { later: 71 * hours }), { mail: { number: order.number } });
  t.same(await mailOf(order.id, { later: 73 * hours }), { mail: null, withheld: 'outdated' });
});

t.test('no mail of what is cancelled, or for who has no address', async (t) => {
  const order = await confirmedOrder(sales);
  await orders.cancel(ctxOf(), order.id, { reason: 'changed their mind' });
  t.same(await mailOf(order.id), { mail: null, withheld: 'cancelled' });
  const other = await confirmedOrder(sales);
  await ctxOf().write((tx) => tx.query(forgetAddress, [other.customer_id]));
  t.same(await mailOf(other.id), { mail: null, withheld: 'no_address' });
});
