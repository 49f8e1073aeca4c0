import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { until } from '@platen/chassis/testkit/until';
import { demoPassword } from '@platen/schema/seeds/identities';
import { type Client, createClient, PlatenError, PlatenNetworkError } from '@platen/sdk';
import { chooseBasket } from '@platen/sdk/examples/choose-basket';
import { createNodeTransport } from '@platen/sdk/node';
import t, { type Test as Tap } from 'tap';
import { sharedPlatform } from './shared-platform.js';

// A shop at work while its data plane is killed: 100 deals of twenty writes, 32 at a time, each with a key of its own.
const deals = 100;
const lanes = 32;
const killsAt = [500, 1_200];
const payments = 12;
const refunds = 2;
const writes = deals * (6 + payments + refunds);
const platform = await sharedPlatform(t, 'planes');
const { ports, databases } = platform;

let replays = 0;
const transport = createNodeTransport({ maxSockets: lanes * 2 });
t.teardown(() => transport.close());
const client = createClient({
  controlUrl: `http://acme.localhost:${ports.control}`,
  dataUrl: `http://acme.localhost:${ports.data}`,
  transport: async (url, request) => {
    const response = await transport(url, request);
    if (response.headers.get('idempotent-replayed') === 'true') replays += 1;
    return response;
  },
});
const { quotes, orders, orderPayments, customers } = client.erp;

/** Key → the id that was answered: of the document or the payment. */
const acknowledged = new Map<string, string>();
let cut = 0;

/** Until it is acknowledged: what the SDK gives up, because the outage outlasts its tries, is called again with the same key. */
async function write<A>(key: string, call: (options: { idempotencyKey: string }) => Promise<A>): Promise<A> {
  for (;;) {
    try {
      return await call({ idempotencyKey: key });
    } catch (error) {
      const unsure =
        error instanceof PlatenNetworkError ||
        (error instanceof PlatenError && (error.code === 'idempotency_in_flight' || [429, 503].includes(error.status)));
      if (!unsure) throw error;
      cut += 1;
    }
  }
}

type Lines = Parameters<Client['erp']['quotes']['create']>[0]['lines'];

/** From a quote to an order in production: twenty writes. Every tenth deal, an impatient one, sends each of them twice. */
async function makeDeal(deal: number, customerId: string, lines: Lines): Promise<void> {
  const step = async <A extends object>(
    name: string,
    call: (options: { idempotencyKey: string }) => Promise<A>,
    idOf: (answer: A) => string,
  ): Promise<A> => {
    const key = `deal-${deal}-${name}`;
    const [first, second = first] = await Promise.all(
      Array.from({ length: deal % 10 === 0 ? 2 : 1 }, () => write(key, call)),
    );
    if (!first || !second) throw new Error('no answer');
    if (JSON.stringify(first) !== JSON.stringify(second)) throw new Error(`${key} was answered in two ways`);
    acknowledged.set(key, idOf(first));
    return first;
  };
  const document = (answer: { id: string }) => answer.id;
  const { id } = await step('quote', (o) => quotes.create({ customer_id: customerId, lines }, o), document);
  await step('send', (o) => quotes.send({ id }, o), document);
  await step('accept', (o) => quotes.accept({ id }, o), document);
  const order = await step('convert', (o) => quotes.convert({ id }, o), document);
  await step('confirm', (o) => orders.confirm({ id: order.id }, o), document);
  const pay = (kind: 'payment' | 'refund', nth: number) => {
    const reference = `deal-${deal}-${kind}-${nth}`;
    const amount = { amount: kind === 'payment' ? '0.50' : '0.25', currency: order.currency };
    const body = { id: order.id, kind, method: 'cash' as const, reference, amount };
    return step(
      `${kind}-${nth}`,
      (o) => orderPayments.create(body, o),
      ({ payment }) => payment.id,
    );
  };
  for (let nth = 0; nth < payments; nth += 2) await Promise.all([pay('payment', nth), pay('payment', nth + 1)]);
  for (let nth = 0; nth < refunds; nth += 1) await pay('refund', nth);
  await step('start', (o) => orders.start({ id: order.id, allow_short: true }, o), document);
}

t.test('2,000 writes, the data plane killed twice: each acknowledged write is there once', async (t) => {
  await client.auth.login({ email: 'manager@acme.test', password: demoPassword });
  const { lines: chosen } = await chooseBasket(client, 1);
  const [line] = chosen;
  const [variant] = line?.variants ?? [];
  if (!line || !variant) throw new Error('no seeds');
  const lines = [{ product_id: line.product.id, sizes: [{ variant_id: variant.id, quantity: 12 }] }];
  const customer = await customers.create({ code: 'exactly-once', name: 'Exactly once', email: 'once@customers.test' });

  const startedAt = performance.now();
  let next = 0;
  const lane = async () => {
    for (let deal = next++; deal < deals; deal = next++) await makeDeal(deal, customer.id, lines);
  };
  const killer = (async () => {
    for (const done of killsAt) {
      await until(
        async () => acknowledged.size,
        (size) => size >= done,
      );
      await platform.kill('data-plane');
      await platform.start('data-plane');
    }
  })();
  await Promise.all([...Array.from({ length: lanes }, lane), killer]);
  const seconds = (performance.now() - startedAt) / 1_000;
  t.equal(acknowledged.size, writes);
  t.ok(replays > 0, 'some answers were given again');
  t.comment(
    `measured: ${acknowledged.size} writes in ${seconds.toFixed(1)} s, ${killsAt.length} SIGKILLs, ${cut} calls given up by the SDK and made again, ${replays} answers replayed`,
  );
  await countRows(t, customer.id);

  const before = replays;
  const again = await quotes.create({ customer_id: customer.id, lines }, { idempotencyKey: 'deal-0-quote' });
  t.equal(again.id, acknowledged.get('deal-0-quote'), 'a key still gives its answer after the restarts');
  t.equal(replays, before + 1);
});

/** What the database holds, past every service and every policy. */
async function countRows(t: Tap, customerId: string): Promise<void> {
  await asSuperuser(databases['erp-1'].superuserUrl, async (db) => {
    const column = async (sql: string): Promise<string[]> =>
      (await db.query<{ text: string }>({ text: sql, values: [customerId] })).rows.map(({ text }) => text);
    const keysOf = (...names: string[]) =>
      [...acknowledged].filter(([key]) => names.some((name) => key.split('-')[2] === name));
    const ids = (...names: string[]) =>
      keysOf(...names)
        .map(([, id]) => id)
        .sort();
    const ofCustomer = 'from erp_orders o where o.customer_id = $1';

    t.same(await column('select id as text from erp_quotes where customer_id = $1 order by id::text'), ids('quote'));
    t.same(await column(`select id as text ${ofCustomer} order by id::text`), ids('convert'));
    const paymentRows = 'from erp_order_payments p join erp_orders o on o.id = p.order_id where o.customer_id = $1';
    t.same(await column(`select p.id as text ${paymentRows} order by p.id::text`), ids('payment', 'refund'));
    t.same(
      await column(`select p.reference as text ${paymentRows} order by p.reference collate "C"`),
      keysOf('payment', 'refund')
        .map(([key]) => key)
        .sort(),
      'each payment under its own key',
    );
    t.same(
      await column(`select distinct o.status || ' ' || o.payment_status || ' ' || o.version as text ${ofCustomer}`),
      [`in_production partial ${3 + payments + refunds}`],
      'confirmed, paid, refunded, started: each raised the version once',
    );
    t.same(
      await column(
        `select distinct (select string_agg(to_status, ' ' order by c.id) from erp_order_status_changes c
           where c.order_id = o.id) as text ${ofCustomer}`,
      ),
      ['draft confirmed in_production'],
    );
    t.same(
      await column(
        `select e.type || ' ' || count(*) as text from outbox_events e
         where right(e.key, 36)::uuid in (select id from erp_quotes where customer_id = $1
           union all select id from erp_orders where customer_id = $1)
         group by e.type order by e.type`,
      ),
      [
        `erp.order.confirmed ${deals}`,
        `erp.order.created ${deals}`,
        `erp.order.payment_recorded ${deals * (payments + refunds)}`,
        `erp.order.started ${deals}`,
        `erp.quote.accepted ${deals}`,
        `erp.quote.converted ${deals}`,
        `erp.quote.sent ${deals}`,
      ],
      'one event of each kind',
    );
    for (const table of ['quote', 'order']) {
      const gaps = await column(
        `select s.last_number || ' ' || count(d.number) || ' ' || count(distinct d.number) as text
         from erp_number_sequences s join erp_${table}s d on d.tenant_id = s.tenant_id
           and d.organization_id = s.organization_id and split_part(d.number, '-', 2)::int = s.year
         where s.kind = '${table}' and (s.tenant_id, s.organization_id, s.year) in (
           select tenant_id, organization_id, split_part(number, '-', 2)::int from erp_${table}s where customer_id = $1)
         group by s.tenant_id, s.organization_id, s.year, s.last_number`,
      );
      const [last, ...counts] = gaps[0]?.split(' ') ?? [];
      t.same(counts, [last, last], `numbers of ${table}s have no gap and no duplicate`);
    }
    t.same(
      await column(
        `select count(*)::text as text from idempotency_keys where key like 'deal-%' and $1::uuid is not null`,
      ),
      [String(writes)],
      'a key for each write, none for what was not acknowledged',
    );
  });
}
