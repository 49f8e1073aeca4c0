import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Answer, Client } from '@platen/sdk';
import { buyBlanks, countShelf } from './buy-blanks.js';
import { type Basket, chooseBasket } from './choose-basket.js';
import { formatAmount, type Money, mustEqual, parseAmount, sum } from './figures.js';
import { makeOrder } from './make-order.js';
import { showMoney } from './print-receipt.js';
import { type Quote, sameFigures, sellQuote } from './sell-quote.js';
import { connect, given, mustRefuse, signIn, type Walk, type WalkOptions } from './walk.js';

export interface WalkResult {
  readonly quoteId: string;
  readonly quoteNumber: string;
  /** How often the customer was mailed under that number: a revision keeps it. */
  readonly mails: number;
  readonly orderId: string;
  readonly orderNumber: string;
  readonly total: Money;
}

type Order = Answer<Client['erp']['orders']['get']>;

/** From a basket to its money, with the SDK and nothing else. Rejects when a figure or a state is not what it should be. */
export async function walkQuoteToCash(options: WalkOptions): Promise<WalkResult> {
  const { print = console.log } = options;
  const walk = { client: connect(options, 'acme'), print };
  await signIn(walk, 'sales@acme.test', options.password);
  const basket = await chooseBasket(walk.client, 2);
  const quote = await sellQuote(walk, basket);
  const colleague = async (email: string): Promise<Walk> => {
    const somebody = { client: connect(options, 'acme'), print };
    await signIn(somebody, email, options.password);
    return somebody;
  };
  const shop = {
    sales: walk,
    buyer: await colleague('buyer@acme.test'),
    manager: await colleague('manager@acme.test'),
    press: await colleague('press@acme.test'),
  };
  const order = await makeAndCollect(shop, quote);
  await proveStock(shop.manager);
  for (const { client } of [shop.buyer, shop.manager, shop.press]) await client.auth.logout();
  await showIsolation({ client: connect(options, 'globex'), print }, options.password, basket, quote, order);
  await walk.client.auth.logout();
  return {
    quoteId: quote.id,
    quoteNumber: given('The quote’s number', quote.number),
    mails: quote.revision,
    orderId: order.id,
    orderNumber: given('The order’s number', order.number),
    total: order.total,
  };
}

/** Who works on the order, besides sales. */
interface Shop {
  readonly sales: Walk;
  readonly buyer: Walk;
  readonly manager: Walk;
  readonly press: Walk;
}

/** The quote as a confirmed order, which the shelf cannot serve. */
async function confirm({ client, print }: Walk, quote: Quote): Promise<Order> {
  const draft = await client.erp.quotes.convert({ id: quote.id }, { ifMatch: quote });
  sameFigures('The order', draft, quote);
  for (const [index, line] of draft.lines.entries()) {
    mustEqual('The receipt of the order', line.receipt_hash, quote.lines[index]?.receipt_hash ?? null);
    mustEqual('Decorations of the order', line.decorations.length, 1);
  }
  mustEqual('The order’s quote', draft.quote_id, quote.id);
  mustEqual('The quote', (await client.erp.quotes.get({ id: quote.id })).status, 'converted');
  const order = await client.erp.orders.confirm({ id: draft.id }, { ifMatch: draft });
  mustEqual('The order', order.status, 'confirmed');
  print(`Order ${given('Its number', order.number)} confirmed over ${showMoney(order.total)}`);
  return order;
}

async function makeAndCollect(shop: Shop, quote: Quote): Promise<Order> {
  const { sales, buyer, manager, press } = shop;
  const variants = quote.lines.flatMap((line) => line.sizes.map((size) => size.variant_id));
  await countShelf(buyer, variants);
  const order = await confirm(sales, quote);

  const { start } = press.client.erp.orders;
  await mustRefuse(start({ id: order.id }), start.isError, 'deposit_unpaid');
  press.print('The press does not begin before the deposit is paid');
  const deposit = parseAmount(quote.deposit_due?.amount ?? '');
  mustEqual('After the deposit the order', await pay(sales, order, deposit, 'deposit'), 'partial');
  await mustRefuse(start({ id: order.id }), start.isError, 'stock_short');
  press.print('It does not begin without blanks either');
  await buyBlanks(buyer, manager, order.id);
  mustEqual('The order', (await start({ id: order.id })).status, 'in_production');
  await makeOrder(press, sales, order);
  press.print('Produced');

  const rest = parseAmount(order.total.amount) - deposit;
  const { create } = sales.client.erp.orderPayments;
  await mustRefuse(
    pay(sales, order, rest + parseAmount('0.01'), 'too much'),
    create.isError,
    'payment_exceeds_balance',
  );
  sales.print('A cent more than is due was refused');
  mustEqual('After the rest the order', await pay(sales, order, rest, 'the rest'), 'paid');
  const received: string[] = [];
  for await (const payment of sales.client.erp.orderPayments.list.items({ id: order.id }))
    received.push(payment.amount.amount);
  mustEqual('The sum of the payments', sum(received), parseAmount(order.total.amount));
  return deliver(sales, order);
}

async function pay({ client, print }: Walk, order: Order, amount: bigint, reference: string): Promise<string> {
  const answer = await client.erp.orderPayments.create({
    id: order.id,
    kind: 'payment',
    method: 'bank_transfer',
    reference,
    amount: { amount: formatAmount(amount), currency: order.currency },
  });
  print(`Recorded ${showMoney(answer.payment.amount)} (${reference}): ${answer.order.payment_status}`);
  return answer.order.payment_status;
}

/** Shipped and completed; the history tells of every move. */
async function deliver({ client, print }: Walk, { id }: Order): Promise<Order> {
  const shipped = await client.erp.orders.ship({ id });
  const completed = await client.erp.orders.complete({ id }, { ifMatch: shipped });
  mustEqual('The order', completed.status, 'completed');
  mustEqual('The order', completed.payment_status, 'paid');
  const path: string[] = [];
  const people = new Set<string>();
  for await (const change of client.erp.orders.history.items({ id })) {
    path.push(change.to);
    people.add(change.changed_by);
  }
  mustEqual('The history', path.join(), 'draft,confirmed,in_production,ready,shipped,completed');
  mustEqual('People in the history', people.size, 2);
  print(`Shipped and completed: ${path.join(', ')}`);
  return completed;
}

/** Every level is the sum of its entries, and every promise is somebody's need. */
async function proveStock({ client, print }: Walk): Promise<void> {
  let moves = 0;
  let cursor: string | null = null;
  do {
    const part: Answer<Client['erp']['stock']['check']> = await client.erp.stock.check(
      cursor === null ? {} : { cursor },
    );
    mustEqual('Differences in the stock', part.differences.length, 0);
    moves += part.checked.moves;
    cursor = part.next_cursor;
  } while (cursor !== null);
  print(`The stock is proven: ${moves} entries`);
}

/** Another tenant, whose data lies in another database: none of the ids means anything there. */
async function showIsolation(walk: Walk, password: string, basket: Basket, quote: Quote, order: Order): Promise<void> {
  const { client, print } = walk;
  await signIn(walk, 'admin@globex.test', password);
  const { quotes, orders, customers, products } = client.erp;
  await mustRefuse(quotes.get({ id: quote.id }), quotes.get.isError, 'not_found');
  await mustRefuse(orders.get({ id: order.id }), orders.get.isError, 'not_found');
  await mustRefuse(customers.get({ id: basket.customer.id }), customers.get.isError, 'not_found');
  const ids = new Set([quote.id, order.id, basket.customer.id, ...basket.lines.map(({ product }) => product.id)]);
  for (const id of ids) await mustRefuse(products.get({ id }), products.get.isError, 'not_found');
  let seen = 0;
  for (const list of [quotes.list, orders.list, customers.list, products.list]) {
    for await (const { id } of list.items({ limit: 200 })) {
      if (ids.has(id)) throw new Error(`${id} of acme is in a list of globex`);
      seen += 1;
    }
  }
  await client.auth.logout();
  print(`Globex sees nothing of it: each id is a 404, and none is among the ${seen} items of its lists`);
}

const usage = `node sdk/dist/examples/quote-to-cash.js [options]

Prices a decorated basket as the sales user of acme, quotes, sends, revises, accepts, converts and confirms it, takes a deposit,
buys the blanks that are missing, has it produced over the board, records the rest, ships and completes it, and shows that globex
sees nothing of it. Ends with 1 when any figure is off.

  --control-url   PLATEN_CONTROL_URL     (http://{tenant}.localhost:4000)
  --data-url      PLATEN_DATA_URL        (http://{tenant}.localhost:4001)
  --password      PLATEN_DEMO_PASSWORD   (that of the demo seeds)
  --help
`;

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { 'control-url': text, 'data-url': text, password: text, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  await walkQuoteToCash({
    controlUrl: values['control-url'] ?? process.env['PLATEN_CONTROL_URL'] ?? 'http://{tenant}.localhost:4000',
    dataUrl: values['data-url'] ?? process.env['PLATEN_DATA_URL'] ?? 'http://{tenant}.localhost:4001',
    password: values.password ?? process.env['PLATEN_DEMO_PASSWORD'] ?? 'platen-demo-2026',
  });
}

const [, script] = process.argv;
if (script && import.meta.url === pathToFileURL(realpathSync(script)).href) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
    process.exitCode = 1;
  });
}
