import { type Client, createClient, PlatenError, PlatenNetworkError } from '@platen/sdk';
import { chooseBasket } from '@platen/sdk/examples/choose-basket';
import { createNodeTransport } from '@platen/sdk/node';
import type { BenchPlatform } from '../../environment/platform.js';
import { signIn } from '../../environment/sign-in.js';

const host = 'acme.localhost';
/** Deals at once. */
const lanes = 12;
const payments = 4;
/** Of so many deals one is impatient, and sends each write twice at once; of as many one gives up when it is cut off. */
const oddDealEvery = 8;
export const linesOfDeal = 2;
export const sizesOfLine = 2;
export const piecesOfSize = 6;

/** Kinds of writes of a deal, in their order. */
export const writeKinds = [
  'adjust',
  'quote',
  'send',
  'accept',
  'convert',
  'confirm',
  'payment',
  'refund',
  'start',
] as const;
export type WriteKind = (typeof writeKinds)[number];

/** A write that was acknowledged. */
export interface Acknowledged {
  readonly key: string;
  readonly kind: WriteKind;
  /** Of the document, the payment or the adjustment. */
  readonly id: string;
  /** The same once more, with the same key. */
  again(): Promise<string>;
}

export interface Deals {
  readonly customerId: string;
  readonly acknowledged: ReadonlyMap<string, Acknowledged>;
  /** Answers that were given a second time as they had been given first. */
  replays(): number;
  /** Calls that had no answer, or none that says what became of them. */
  cut(): number;
  /** Deals that nobody went on with after such a call. */
  abandoned(): number;
  /** Two calls with one key that were answered differently, and answers that nobody expects. */
  readonly odd: readonly string[];
  /** Lets those that run end. */
  end(): Promise<void>;
  client: Client;
  close(): void;
}

type Options = { idempotencyKey: string };

class Abandoned extends Error {}

/** A shop at work: from a quote to an order in production, again and again; each write has a key of its own. */
export async function startDeals(platform: BenchPlatform): Promise<Deals> {
  let [replayed, cut, abandoned, isOver, next] = [0, 0, 0, false, 0];
  const transport = createNodeTransport({ maxSockets: lanes * 3 });
  const { accessToken } = await signIn(platform.urls.control, host, 'admin@acme.test');
  const at = (url: string) => url.replace('127.0.0.1', host);
  const clientOf = (maxTries: number) =>
    createClient({
      controlUrl: at(platform.urls.control),
      dataUrl: at(platform.urls.data),
      token: async () => accessToken,
      maxTries,
      transport: async (url, request) => {
        const response = await transport(url, request);
        if (response.headers.get('idempotent-replayed') === 'true') replayed += 1;
        return response;
      },
    });
  const [patient, hasty] = [clientOf(6), clientOf(1)];
  const acknowledged = new Map<string, Acknowledged>();
  const odd: string[] = [];
  const goods = await layGoods(patient);

  /** Until it is acknowledged; who gives up does so when it is unsure for the first time. */
  async function write<A>(key: string, call: (options: Options) => Promise<A>, givesUp: boolean): Promise<A> {
    for (;;) {
      try {
        return await call({ idempotencyKey: key });
      } catch (error) {
        if (!isUnsure(error)) throw error;
        cut += 1;
        if (givesUp) throw new Abandoned();
      }
    }
  }

  async function makeDeal(deal: number): Promise<void> {
    const [isImpatient, givesUp] = [deal % oddDealEvery === 3, deal % oddDealEvery === 5];
    const { quotes, orders, orderPayments, stock } = (givesUp ? hasty : patient).erp;
    const step = async <A extends object>(
      kind: WriteKind,
      nth: number,
      call: (options: Options) => Promise<A>,
      idOf: (answer: A) => string,
    ): Promise<A> => {
      const key = `soak-${deal}-${kind}-${nth}`;
      const answers = await Promise.all(Array.from({ length: isImpatient ? 2 : 1 }, () => write(key, call, givesUp)));
      const [first, second = first] = answers;
      if (first === undefined) throw new Error('no answer');
      if (JSON.stringify(first) !== JSON.stringify(second)) odd.push(`${key} was answered in two ways`);
      const again = async () => idOf(await call({ idempotencyKey: key }));
      acknowledged.set(key, { key, kind, id: idOf(first), again });
      return first;
    };
    const document = (answer: { id: string }) => answer.id;
    const counted = goods.variants.map((variant_id) => ({ variant_id, delta: String(piecesOfSize) }));
    const adjustment = { location_id: goods.locationId, reason: `soak-${deal}`, lines: counted };
    await step('adjust', 0, (o) => stock.adjustments.create(adjustment, o), document);
    const asked = { customer_id: goods.customerId, lines: goods.lines };
    const { id } = await step('quote', 0, (o) => quotes.create(asked, o), document);
    await step('send', 0, (o) => quotes.send({ id }, o), document);
    await step('accept', 0, (o) => quotes.accept({ id }, o), document);
    const order = await step('convert', 0, (o) => quotes.convert({ id }, o), document);
    await step('confirm', 0, (o) => orders.confirm({ id: order.id }, o), document);
    const pay = (kind: 'payment' | 'refund', nth: number) => {
      const amount = { amount: kind === 'payment' ? '0.50' : '0.25', currency: order.currency };
      const body = { id: order.id, kind, method: 'cash' as const, reference: `soak-${deal}-${kind}-${nth}`, amount };
      return step(
        kind,
        nth,
        (o) => orderPayments.create(body, o),
        ({ payment }) => payment.id,
      );
    };
    await Promise.all(Array.from({ length: payments }, (_, nth) => pay('payment', nth)));
    await pay('refund', 0);
    await step('start', 0, (o) => orders.start({ id: order.id, allow_short: true }, o), document);
  }

  const lane = async () => {
    while (!isOver) {
      const deal = next++;
      try {
        await makeDeal(deal);
      } catch (error) {
        if (error instanceof Abandoned) abandoned += 1;
        else odd.push(`deal ${deal}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  const working = Promise.all(Array.from({ length: lanes }, lane));
  return {
    customerId: goods.customerId,
    acknowledged,
    replays: () => replayed,
    cut: () => cut,
    abandoned: () => abandoned,
    odd,
    async end() {
      isOver = true;
      await working;
    },
    client: patient,
    close: () => transport.close(),
  };
}

const isUnsure = (error: unknown): boolean =>
  error instanceof PlatenNetworkError ||
  (error instanceof PlatenError && (error.code === 'idempotency_in_flight' || [429, 503].includes(error.status)));

/** A customer of the run's own, what is sold to it, and where that lies. */
async function layGoods(client: Client) {
  const { lines: chosen } = await chooseBasket(client, linesOfDeal);
  const customer = await client.erp.customers.create({ code: 'soak', name: 'Soak', email: 'soak@customers.test' });
  const { items } = await client.erp.stock.locations.list({});
  const location = items.find(({ kind }) => kind === 'internal');
  if (location === undefined) throw new Error('there is no place for stock: is the database seeded?');
  const lines = chosen.map(({ product, variants }) => ({
    product_id: product.id,
    sizes: variants.slice(0, sizesOfLine).map(({ id }) => ({ variant_id: id, quantity: piecesOfSize })),
  }));
  const variants = lines.flatMap(({ sizes }) => sizes.map(({ variant_id }) => variant_id));
  return { customerId: customer.id, locationId: location.id, lines, variants };
}
