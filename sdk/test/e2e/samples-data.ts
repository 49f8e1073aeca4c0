import { randomUUID } from 'node:crypto';
import type { Sample } from '@platen/chassis/testkit/security-table-attack';
import type { BodyOf, Contract, OutputOf, ParamsOf } from '@platen/schema/contract';
import { dataContracts } from '@platen/schema/contracts/data/index';
import type { ErrorCode } from '@platen/schema/errors';
import type { JobKind, JobStatus } from '@platen/schema/states/job';
import type { DataContractName } from './contracts.js';
import { catalogSamples } from './samples-catalog.js';
import { dnSamples } from './samples-dn.js';
import { dnWriteSamples } from './samples-dn-writes.js';
import { exportSamples } from './samples-exports.js';
import { fileSamples } from './samples-files.js';
import { jobSamples, type MadeJob } from './samples-jobs.js';
import { mockupSamples } from './samples-mockups.js';
import { priceSamples, pricingSamples } from './samples-pricing.js';
import { productionSamples } from './samples-production.js';
import { purchasingSamples } from './samples-purchasing.js';
import { repricingSamples } from './samples-repricing.js';
import { stockSamples } from './samples-stock.js';
import { telemetrySamples } from './samples-telemetry.js';
import { telemetryAlertSamples } from './samples-telemetry-alerts.js';
import { telemetryRunSamples } from './samples-telemetry-runs.js';
import { transferSamples } from './samples-transfer.js';

/** A valid call of a contract on rows of the victim, and what it shows of them. */
export interface DataSample extends Sample {
  /**
   * What somebody else gets for the same call: `unseen` is success without a row of the victim's, `own` a new row of
   * the caller's own.
   */
  readonly foreign: ErrorCode | 'unseen' | 'own';
  /** Ids of the victim's rows that the call names or, if it is a list, would show. */
  readonly ids: readonly string[];
  /** Rows of one workspace; the others are the whole organization's. */
  readonly ofWorkspace?: true;
}

/** Somebody with rows to lose, and the means to make more of them. */
export interface Victim {
  /** As the victim; anything but the contract's success is an error. */
  call<C extends Contract>(
    contract: C,
    input: { params?: ParamsOf<C>; body?: BodyOf<C> | Buffer; headers?: Readonly<Record<string, string>> },
  ): Promise<OutputOf<C>>;
  /** A job in the victim's workspace: what asks for one would also have it begin. */
  newJob(status: JobStatus, made?: { readonly kind: JobKind; readonly payload: object }): Promise<MadeJob>;
  /** Past the product, for what only a site's answers would bring about. */
  sql(text: string, values: readonly unknown[]): Promise<unknown>;
  /** The same in its telemetry database. */
  telemetrySql(text: string, values: readonly unknown[]): Promise<unknown>;
}

const { categories, products, variants, customers, quotes, orders, orderPayments } = dataContracts.erp;
const code = () => `t-${randomUUID().slice(0, 13)}`;
const eur = (amount: string) => ({ amount, currency: 'EUR' });

const newCategory = (victim: Victim) => victim.call(categories.create, { body: { code: code(), name: 'Acceptance' } });
const newProduct = (victim: Victim) =>
  victim.call(products.create, {
    body: { code: code(), name: 'Acceptance shirt', status: 'active', kind: 'blank', base_price: eur('9.50') },
  });
const newVariant = async (victim: Victim) => {
  const product = await newProduct(victim);
  const body = { sku: code(), option_values: { size: 'm', colour: 'black' } };
  return victim.call(variants.create, { params: { id: product.id }, body });
};
const newCustomer = (victim: Victim) =>
  victim.call(customers.create, {
    body: { code: code(), name: 'Acceptance customer', email: `${code()}@customers.test`, currency: 'EUR' },
  });

async function newBasket(victim: Victim) {
  const [customer, variant] = await Promise.all([newCustomer(victim), newVariant(victim)]);
  const lines = [{ product_id: variant.product_id, sizes: [{ variant_id: variant.id, quantity: 24 }] }];
  return { basket: { customer_id: customer.id, lines }, ids: [customer.id, variant.product_id, variant.id] };
}
export async function newQuote(victim: Victim) {
  const { basket } = await newBasket(victim);
  return victim.call(quotes.create, { body: basket });
}
export async function sentQuote(victim: Victim) {
  const { id } = await newQuote(victim);
  return victim.call(quotes.send, { params: { id } });
}
/** What its customer has: the link's token, and the hash of what is shown. */
async function linkedQuote(victim: Victim) {
  const { id, document_hash: hash } = await sentQuote(victim);
  const { token } = await victim.call(quotes.link, { params: { id } });
  return { token, hash };
}
async function acceptedQuote(victim: Victim) {
  const { id } = await sentQuote(victim);
  return victim.call(quotes.accept, { params: { id } });
}
export async function newOrder(victim: Victim) {
  const { id } = await acceptedQuote(victim);
  return victim.call(quotes.convert, { params: { id }, body: {} });
}
export async function confirmedOrder(victim: Victim) {
  const { id } = await newOrder(victim);
  return victim.call(orders.confirm, { params: { id } });
}
type OrderMove = 'start' | 'ready' | 'ship' | 'complete';
/** An order that has made these moves, after it was confirmed. */
async function movedOrder(victim: Victim, ...moves: readonly OrderMove[]) {
  const order = await confirmedOrder(victim);
  for (const move of moves) {
    // Nothing is in stock; only these two ask for it.
    const body = move === 'start' || move === 'ready' ? { body: { allow_short: true } } : {};
    await victim.call(orders[move], { params: { id: order.id }, ...body });
  }
  return order;
}
const payment = { kind: 'payment', method: 'cash', amount: eur('10.00') } as const;

type Make = (victim: Victim) => Promise<DataSample>;
const byId = async (row: Promise<{ id: string }>, more: Partial<DataSample> = {}): Promise<DataSample> => {
  const { id } = await row;
  return { params: { id }, foreign: 'not_found', ids: [id], ...more };
};
const listed = async (row: Promise<{ id: string }>, more: Partial<DataSample> = {}): Promise<DataSample> => ({
  query: { limit: '200' },
  foreign: 'unseen',
  ids: [(await row).id],
  ...more,
});
const ofWorkspace = { ofWorkspace: true } as const;

/** One for each contract of the data plane; a contract without one does not compile. */
export const dataSamples: Readonly<Record<DataContractName, Make>> = {
  'erp.categories.list': (victim) => listed(newCategory(victim)),
  'erp.categories.get': (victim) => byId(newCategory(victim)),
  'erp.categories.create': async (victim) => {
    const parent = await newCategory(victim);
    const body = { code: code(), name: 'Below', parent_id: parent.id };
    return { body, foreign: 'unknown_reference', ids: [parent.id] };
  },
  'erp.categories.update': (victim) => byId(newCategory(victim), { body: { name: 'Renamed' } }),
  'erp.products.list': (victim) => listed(newProduct(victim)),
  'erp.products.get': (victim) => byId(newProduct(victim)),
  'erp.products.create': async (victim) => {
    const category = await newCategory(victim);
    const body = { code: code(), name: 'Cap', kind: 'blank', base_price: eur('4.00'), category_id: category.id };
    return { body, foreign: 'unknown_reference', ids: [category.id] };
  },
  'erp.products.update': (victim) => byId(newProduct(victim), { body: { name: 'Renamed' } }),
  'erp.variants.search': async (victim) => {
    const { id, sku } = await newVariant(victim);
    return { query: { sku_prefix: sku }, foreign: 'unseen', ids: [id] };
  },
  'erp.variants.list': async (victim) => {
    const { product_id, id } = await newVariant(victim);
    return { params: { id: product_id }, foreign: 'not_found', ids: [product_id, id] };
  },
  'erp.variants.create': (victim) => byId(newProduct(victim), { body: { sku: code(), option_values: { size: 'l' } } }),
  'erp.variants.update': (victim) => byId(newVariant(victim), { body: { weight_g: 180 } }),
  'erp.customers.list': (victim) => listed(newCustomer(victim)),
  'erp.customers.get': (victim) => byId(newCustomer(victim)),
  'erp.customers.create': async () => ({
    body: { code: code(), name: 'Nobody’s reference', currency: 'EUR' },
    foreign: 'own',
    ids: [],
  }),
  'erp.customers.update': (victim) => byId(newCustomer(victim), { body: { name: 'Renamed' } }),
  'erp.pricing.price': async (victim) => {
    const { basket, ids } = await newBasket(victim);
    return { body: basket, foreign: 'unknown_reference', ids };
  },
  ...pricingSamples,
  ...repricingSamples(newCustomer),
  ...priceSamples(newBasket),
  ...fileSamples,
  ...transferSamples,
  ...stockSamples,
  'erp.stock.shortages': async (victim) => {
    const { id } = await confirmedOrder(victim);
    return { query: { limit: '200' }, foreign: 'unseen', ids: [id], ...ofWorkspace };
  },
  ...catalogSamples,
  ...jobSamples,
  ...exportSamples,
  ...mockupSamples,
  ...dnSamples,
  ...dnWriteSamples,
  'erp.production.board.events': async () => ({ foreign: 'unseen', ids: [] }),
  ...purchasingSamples,
  ...productionSamples,
  ...telemetrySamples,
  ...telemetryAlertSamples,
  ...telemetryRunSamples,
  'erp.quotes.list': (victim) => listed(newQuote(victim), ofWorkspace),
  'erp.quotes.get': (victim) => byId(newQuote(victim), ofWorkspace),
  'erp.quotes.create': async (victim) => {
    const { basket, ids } = await newBasket(victim);
    return { body: basket, foreign: 'unknown_reference', ids };
  },
  'erp.quotes.update': (victim) => byId(newQuote(victim), { body: { valid_until: '2099-12-31' }, ...ofWorkspace }),
  'erp.quotes.send': (victim) => byId(newQuote(victim), ofWorkspace),
  'erp.quotes.reprice': (victim) => byId(newQuote(victim), ofWorkspace),
  'erp.quotes.revise': (victim) => byId(sentQuote(victim), { body: {}, ...ofWorkspace }),
  'erp.quotes.pdf': (victim) => byId(newQuote(victim), ofWorkspace),
  'erp.quotes.link': (victim) => byId(sentQuote(victim), ofWorkspace),
  'erp.quotes.reject': (victim) => byId(sentQuote(victim), { body: { reason: 'Too late' }, ...ofWorkspace }),
  'erp.quotes.accept': (victim) => byId(sentQuote(victim), ofWorkspace),
  'erp.quotes.convert': (victim) => byId(acceptedQuote(victim), { body: {}, ...ofWorkspace }),
  // Whoever has the token is the customer: no token of a user's is looked at.
  'erp.publicQuotes.pdf': async (victim) => {
    const { token } = await linkedQuote(victim);
    return { params: { token }, foreign: 'unseen', ids: [] };
  },
  'erp.publicQuotes.get': async (victim) => {
    const { token } = await linkedQuote(victim);
    return { params: { token }, foreign: 'unseen', ids: [] };
  },
  'erp.publicQuotes.answer': async (victim) => {
    const { token, hash } = await linkedQuote(victim);
    const body = { action: 'accept', document_hash: hash, name: 'Ada Acceptance' };
    return { params: { token }, body, foreign: 'unseen', ids: [] };
  },
  'erp.orders.list': (victim) => listed(newOrder(victim), ofWorkspace),
  'erp.orders.get': (victim) => byId(newOrder(victim), ofWorkspace),
  'erp.orders.create': async (victim) => {
    const { basket, ids } = await newBasket(victim);
    return { body: basket, foreign: 'unknown_reference', ids };
  },
  'erp.orders.update': (victim) => byId(newOrder(victim), { body: { due_on: '2099-12-31' }, ...ofWorkspace }),
  'erp.orders.confirm': (victim) => byId(newOrder(victim), ofWorkspace),
  'erp.orders.start': (victim) => byId(confirmedOrder(victim), { body: { allow_short: true }, ...ofWorkspace }),
  'erp.orders.ready': (victim) => byId(movedOrder(victim, 'start'), { body: { allow_short: true }, ...ofWorkspace }),
  'erp.orders.ship': (victim) => byId(movedOrder(victim, 'start', 'ready'), ofWorkspace),
  'erp.orders.complete': (victim) => byId(movedOrder(victim, 'start', 'ready', 'ship'), ofWorkspace),
  'erp.orders.cancel': (victim) => byId(confirmedOrder(victim), { body: { reason: 'Acceptance' }, ...ofWorkspace }),
  'erp.orders.history': (victim) => byId(newOrder(victim), ofWorkspace),
  'erp.orderPayments.list': async (victim) => {
    const { id } = await confirmedOrder(victim);
    const paid = await victim.call(orderPayments.create, { params: { id }, body: payment });
    return { params: { id }, foreign: 'not_found', ids: [id, paid.payment.id], ...ofWorkspace };
  },
  'erp.orderPayments.create': (victim) => byId(confirmedOrder(victim), { body: payment, ...ofWorkspace }),
};
