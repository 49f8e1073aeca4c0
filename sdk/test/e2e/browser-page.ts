import { type Client, createClient, fetchTransport, PlatenError } from '@platen/sdk';

/** What the test's page runs: bundled for the browser, driven from `browser.test.ts`. */

declare const document: { readonly cookie: string };

export interface PageUrls {
  readonly controlUrl: string;
  readonly dataUrl: string;
}

export interface PageScript {
  connect(urls: PageUrls): void;
  signIn(email: string, password: string): Promise<{ name: string; cookie: string }>;
  /** From a list to a quote. */
  sell(): Promise<{ products: number; total: string; quoteId: string; status: string }>;
  /** So many calls at once: how many came back, and how many refreshes they took. */
  listAtOnce(calls: number): Promise<{ answered: number; refreshes: number }>;
  refresh(): Promise<string>;
  signOut(): Promise<{ reasons: string[]; code: string }>;
}

let client: Client;
let refreshes = 0;
const reasons: string[] = [];

const script: PageScript = {
  connect(urls) {
    const transport = fetchTransport('include');
    client = createClient({
      ...urls,
      transport: (url, request) => {
        if (url.endsWith('/api/auth/refresh')) refreshes += 1;
        return transport(url, request);
      },
      onSignedOut: ({ reason }) => reasons.push(reason),
    });
  },
  async signIn(email, password) {
    const { user } = await client.auth.login({ email, password });
    return { name: user.name, cookie: document.cookie };
  },
  async sell() {
    let products = 0;
    for await (const { id } of client.erp.products.list.items({ limit: 2 })) products += id === '' ? 0 : 1;
    const [customer] = (await client.erp.customers.list({ limit: 1 })).items;
    const [variant] = (await client.erp.variants.search({ limit: 1 })).items;
    if (customer === undefined || variant === undefined) throw new Error('The seeds are not there');
    const sizes = [{ variant_id: variant.id, quantity: 24 }];
    const basket = { customer_id: customer.id, lines: [{ product_id: variant.product_id, sizes }] };
    const priced = await client.erp.pricing.price(basket);
    const quote = await client.erp.quotes.create(basket);
    const sent = await client.erp.quotes.send({ id: quote.id }, { ifMatch: quote });
    if (quote.total.amount !== priced.total.amount) throw new Error('A quote costs what its price was');
    return { products, total: priced.total.amount, quoteId: quote.id, status: sent.status };
  },
  async listAtOnce(calls) {
    const before = refreshes;
    const pages = await Promise.all(
      Array.from({ length: calls }, (_, index) => client.erp.customers.list({ limit: 1 + index })),
    );
    return { answered: pages.filter(({ items }) => items.length > 0).length, refreshes: refreshes - before };
  },
  refresh: async () => (await client.auth.refresh()).expires_at,
  async signOut() {
    await client.auth.logout();
    const failure: unknown = await client.erp.customers.list().then(
      () => undefined,
      (error: unknown) => error,
    );
    return { reasons, code: failure instanceof PlatenError ? failure.code : String(failure) };
  },
};

Object.assign(globalThis, { script });
