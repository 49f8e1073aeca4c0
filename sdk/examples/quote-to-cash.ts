import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Answer, type Client, createClient } from '@platen/sdk';
import { createNodeTransport } from '@platen/sdk/node';
import { type Basket, chooseBasket } from './choose-basket.js';
import { checkFigures, formatAmount, type Money, mustEqual, parseAmount, roundAmount, sum } from './figures.js';
import { printReceipt, showMoney } from './print-receipt.js';

export interface WalkOptions {
  /** With `{tenant}` where the tenant's name belongs, e.g. `http://{tenant}.localhost:4000`. */
  readonly controlUrl: string;
  readonly dataUrl: string;
  /** Of the demo users. */
  readonly password: string;
  readonly print?: (text: string) => void;
}

export interface WalkResult {
  readonly quoteId: string;
  readonly quoteNumber: string;
  readonly orderId: string;
  readonly orderNumber: string;
  readonly total: Money;
}

type Quote = Answer<Client['erp']['quotes']['get']>;
type Order = Answer<Client['erp']['orders']['get']>;
interface Walk {
  readonly client: Client;
  readonly print: (text: string) => void;
}

/** From a basket to its money, with the SDK and nothing else. Rejects when a figure or a state is not what it should be. */
export async function walkQuoteToCash(options: WalkOptions): Promise<WalkResult> {
  const { print = console.log } = options;
  const walk = { client: connect(options, 'acme'), print };
  await signIn(walk, 'sales@acme.test', options.password);
  const basket = await chooseBasket(walk.client, 2);
  const quote = await sellQuote(walk, basket);
  const order = await orderAndCollect(walk, quote);
  await showIsolation({ client: connect(options, 'globex'), print }, options.password, basket, quote, order);
  await walk.client.auth.logout();
  return {
    quoteId: quote.id,
    quoteNumber: given('The quote’s number', quote.number),
    orderId: order.id,
    orderNumber: given('The order’s number', order.number),
    total: order.total,
  };
}

function connect({ controlUrl, dataUrl }: WalkOptions, tenant: string): Client {
  const at = (template: string) => template.replaceAll('{tenant}', tenant);
  return createClient({ controlUrl: at(controlUrl), dataUrl: at(dataUrl), transport: createNodeTransport() });
}

async function signIn({ client, print }: Walk, email: string, password: string): Promise<void> {
  const { user, tenant, permissions } = await client.auth.login({ email, password });
  print(`${user.name} signs in at ${tenant.name}: ${permissions.length} permissions in this context`);
}

async function sellQuote({ client, print }: Walk, { customer, lines }: Basket): Promise<Quote> {
  const basket = {
    customer_id: customer.id,
    lines: lines.map(({ product, variants }, index) => ({
      product_id: product.id,
      sizes: variants.map((variant, nth) => ({ variant_id: variant.id, quantity: index === 0 ? 12 + nth : 5 })),
    })),
  };
  const priced = await client.erp.pricing.price(basket);
  checkFigures(priced);
  print(`Priced for ${customer.name}${customer.customer_group ? ` (group ${customer.customer_group})` : ''}`);
  for (const [index, line] of priced.lines.entries()) printReceipt(line, lines[index]?.product.name ?? '', print);
  printTotals(priced, print);

  const { currency } = priced;
  const deposit = { amount: formatAmount(roundAmount((parseAmount(priced.total.amount) * 3n) / 10n, 2)), currency };
  const draft = await client.erp.quotes.create({ ...basket, deposit_due: deposit });
  checkFigures(draft);
  sameFigures('The quote', draft, priced);
  for (const [index, line] of draft.lines.entries()) {
    mustEqual('The hash of a receipt priced twice', line.receipt_hash, priced.lines[index]?.receipt_hash ?? null);
  }
  mustEqual('The draft', draft.status, 'draft');

  // Each step rests on the version that the last one answered: somebody else's change in between would be a 412.
  const sent = await client.erp.quotes.send({ id: draft.id }, { ifMatch: draft });
  mustEqual('The quote', sent.status, 'sent');
  print(`Quote ${given('Its number', sent.number)} sent to ${customer.email}, valid until ${sent.valid_until}`);
  const accepted = await client.erp.quotes.accept({ id: sent.id }, { ifMatch: sent });
  mustEqual('The quote', accepted.status, 'accepted');
  print('Accepted by the customer');
  return accepted;
}

async function orderAndCollect({ client, print }: Walk, quote: Quote): Promise<Order> {
  const draft = await client.erp.quotes.convert({ id: quote.id }, { ifMatch: quote });
  sameFigures('The order', draft, quote);
  mustEqual('The order’s quote', draft.quote_id, quote.id);
  mustEqual('The quote', (await client.erp.quotes.get({ id: quote.id })).status, 'converted');
  const order = await client.erp.orders.confirm({ id: draft.id }, { ifMatch: draft });
  mustEqual('The order', order.status, 'confirmed');
  print(`Order ${given('Its number', order.number)} confirmed over ${showMoney(order.total)}`);

  const { total, currency } = order;
  const deposit = parseAmount(quote.deposit_due?.amount ?? '');
  const rest = parseAmount(total.amount) - deposit;
  const pay = async (amount: bigint, reference: string) => {
    const received = { amount: formatAmount(amount), currency };
    const answer = await client.erp.orderPayments.create({
      id: order.id,
      kind: 'payment',
      method: 'bank_transfer',
      reference,
      amount: received,
    });
    print(`Recorded ${showMoney(answer.payment.amount)} (${reference}): ${answer.order.payment_status}`);
    return answer.order.payment_status;
  };
  mustEqual('After the deposit the order', await pay(deposit, 'deposit'), 'partial');
  await mustRefuse(
    pay(rest + parseAmount('0.01'), 'too much'),
    client.erp.orderPayments.create.isError,
    'payment_exceeds_balance',
  );
  print('A cent more than is due was refused');
  mustEqual('After the rest the order', await pay(rest, 'the rest'), 'paid');

  const received: string[] = [];
  for await (const payment of client.erp.orderPayments.list.items({ id: order.id }))
    received.push(payment.amount.amount);
  mustEqual('The sum of the payments', sum(received), parseAmount(total.amount));
  const paid = await client.erp.orders.get({ id: order.id });
  mustEqual('The order', paid.payment_status, 'paid');
  return paid;
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

async function mustRefuse(
  call: Promise<unknown>,
  isError: (error: unknown) => error is { code: string },
  code: string,
): Promise<void> {
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure === undefined) throw new Error(`A call went through that should be refused with ${code}`);
  if (!isError(failure)) throw failure;
  mustEqual('The refusal', failure.code, code);
}

interface Totals {
  readonly subtotal: Money;
  readonly discount: Money;
  readonly tax: Money;
  readonly total: Money;
}

function sameFigures(what: string, is: Totals, shouldBe: Totals): void {
  for (const figure of ['subtotal', 'discount', 'tax', 'total'] as const) {
    mustEqual(`${what}’s ${figure}`, showMoney(is[figure]), showMoney(shouldBe[figure]));
  }
}

function printTotals({ subtotal, discount, tax, total }: Totals, print: (text: string) => void): void {
  print(`  Subtotal ${showMoney(subtotal)}, discount ${showMoney(discount)}, tax ${showMoney(tax)}`);
  print(`  Total ${showMoney(total)}`);
}

function given(what: string, value: string | null): string {
  if (value === null) throw new Error(`${what} is missing`);
  return value;
}

const usage = `node sdk/dist/examples/quote-to-cash.js [options]

Prices a basket as the sales user of acme, quotes, sends, accepts, converts and confirms it, records its payments,
and shows that globex sees nothing of it. Ends with 1 when any figure is off.

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
