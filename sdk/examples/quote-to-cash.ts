import { randomUUID } from 'node:crypto';
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
  /** How often the customer was mailed under that number: a revision keeps it. */
  readonly mails: number;
  readonly orderId: string;
  readonly orderNumber: string;
  readonly total: Money;
}

type Quote = Answer<Client['erp']['quotes']['get']>;
type Order = Answer<Client['erp']['orders']['get']>;
type Decorations = Quote['lines'][number]['decorations'];
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
  const press = { client: connect(options, 'acme'), print };
  await signIn(press, 'press@acme.test', options.password);
  const order = await orderAndCollect(walk, press, quote);
  await press.client.auth.logout();
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

function connect({ controlUrl, dataUrl }: WalkOptions, tenant: string): Client {
  const at = (template: string) => template.replaceAll('{tenant}', tenant);
  return createClient({ controlUrl: at(controlUrl), dataUrl: at(dataUrl), transport: createNodeTransport() });
}

async function signIn({ client, print }: Walk, email: string, password: string): Promise<void> {
  const { user, tenant, permissions } = await client.auth.login({ email, password });
  print(`${user.name} signs in at ${tenant.name}: ${permissions.length} permissions in this context`);
}

/** Of the first line and the second: the crest printed in three colours, and stitched. */
const decorations: readonly Decorations[] = [
  [{ process: 'screen_print', location: 'front', colours: 3 }],
  [{ process: 'embroidery', location: 'left-chest', stitches: 6_400 }],
];

async function sellQuote(walk: Walk, { customer, lines }: Basket): Promise<Quote> {
  const { client, print } = walk;
  const design = await client.erp.designs.create({
    code: `crest-${randomUUID()}`,
    name: `${customer.name}: crest`,
    customer_id: customer.id,
    colours: 3,
    stitches: 6_400,
  });
  print(`Design ${design.name}: ${design.colours} colours, ${design.stitches} stitches`);
  const basket = {
    customer_id: customer.id,
    lines: lines.map(({ product, variants }, index) => ({
      product_id: product.id,
      design_id: design.id,
      decorations: decorations[index] ?? [],
      sizes: variants.map((variant, nth) => ({ variant_id: variant.id, quantity: index === 0 ? 12 + nth : 5 })),
    })),
  };
  const priced = await client.erp.pricing.price(basket);
  checkFigures(priced);
  print(`Priced for ${customer.name}${customer.customer_group ? ` (group ${customer.customer_group})` : ''}`);
  for (const [index, line] of priced.lines.entries()) printReceipt(line, lines[index]?.product.name ?? '', print);
  printTotals(priced, print);

  const { currency } = priced;
  const tenths = (count: bigint) => ({
    amount: formatAmount(roundAmount((parseAmount(priced.total.amount) * count) / 10n, 2)),
    currency,
  });
  const draft = await client.erp.quotes.create({ ...basket, deposit_due: tenths(5n) });
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
  const revised = await reviseQuote(walk, sent, tenths(3n));
  const accepted = await client.erp.quotes.accept({ id: revised.id }, { ifMatch: revised });
  mustEqual('The quote', accepted.status, 'accepted');
  print('Accepted by the customer');
  return accepted;
}

/** Half of it in advance was too much for the customer: a revision takes the quote's place, under its number. */
async function reviseQuote({ client, print }: Walk, sent: Quote, deposit: Money): Promise<Quote> {
  const quote = await client.erp.quotes.revise({ id: sent.id, deposit_due: deposit }, { ifMatch: sent });
  mustEqual('The revision’s number', quote.number, sent.number);
  mustEqual('The revision’s predecessor', quote.supersedes_id, sent.id);
  mustEqual('The first quote', (await client.erp.quotes.get({ id: sent.id })).status, 'superseded');
  sameFigures('The revision', quote, sent);
  const again = await client.erp.quotes.send({ id: quote.id }, { ifMatch: quote });
  print(`Revision ${again.revision} sent: a deposit of ${showMoney(deposit)}`);
  return again;
}

async function orderAndCollect(walk: Walk, press: Walk, quote: Quote): Promise<Order> {
  const { client, print } = walk;
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

  const { start, ready } = press.client.erp.orders;
  await mustRefuse(start({ id: order.id }), start.isError, 'deposit_unpaid');
  print('The press does not begin before the deposit is paid');
  const deposit = parseAmount(quote.deposit_due?.amount ?? '');
  mustEqual('After the deposit the order', await pay(walk, order, deposit, 'deposit'), 'partial');
  mustEqual('The order', (await start({ id: order.id })).status, 'in_production');
  mustEqual('The order', (await ready({ id: order.id })).status, 'ready');
  print('Produced');

  const rest = parseAmount(order.total.amount) - deposit;
  await mustRefuse(
    pay(walk, order, rest + parseAmount('0.01'), 'too much'),
    client.erp.orderPayments.create.isError,
    'payment_exceeds_balance',
  );
  print('A cent more than is due was refused');
  mustEqual('After the rest the order', await pay(walk, order, rest, 'the rest'), 'paid');
  const received: string[] = [];
  for await (const payment of client.erp.orderPayments.list.items({ id: order.id }))
    received.push(payment.amount.amount);
  mustEqual('The sum of the payments', sum(received), parseAmount(order.total.amount));
  return deliver(walk, order);
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

Prices a decorated basket as the sales user of acme, quotes, sends, revises, accepts, converts and confirms it, takes a deposit,
has it produced, records the rest, ships and completes it, and shows that globex sees nothing of it. Ends with 1 when any figure is off.

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
