import type { DnOrderRecord } from '@platen/schema/contracts/internal/deconetwork';
import t from 'tap';
import { harbor } from '../../../test/sales.fixture.js';
import { lineOf, minute, openImporting, orderRecord, type Row } from './apply.fixture.js';

const importing = await openImporting(t);
const { asClerk, begin, connect, sql } = importing;

/** A small seeded generator: the same records each time. */
function randomOf(seed: number) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return { below: (n: number) => Math.floor(next() * n), chance: (p: number) => next() < p };
}

/** An order of one of few customers and products, now and then with something that a person has to see. */
function randomOrder(n: number, at: number, random: ReturnType<typeof randomOf>): DnOrderRecord {
  // Of the second time, half of the products and customers are new.
  const places = [...new Set([0, 1].map(() => 300 + random.below(8 * (at + 1))))];
  const lines = places.map((place) => lineOf(place, 1 + random.below(3)));
  const record = orderRecord(`R${n}`, { lines, modified_at: minute(at) });
  return {
    ...record,
    customer: orderRecord(`R-${random.below(12 * (at + 1))}`).customer,
    status: random.chance(0.05) ? '9' : String(1 + random.below(4)),
    ...(random.chance(0.1) && { outstanding: '0' }),
    ...(random.chance(0.05) && { billable: '1' }),
    ...(random.chance(0.1) && { due_on: '2026-06-01' }),
  };
}

/** Without what is another one each time something is made. */
const said = ({ kind, dn_id, outcome, before, after, loser, error }: Row): string =>
  JSON.stringify([kind, dn_id, outcome, before, after, loser, error?.code ?? null]).replaceAll(
    /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
    '#',
  );

t.test('what a dry run says is what the same import does then', async (t) => {
  const random = randomOf(8);
  const site = await connect('review');
  const earlier = Array.from({ length: 40 }, (_, n) => randomOrder(n, 0, random));
  const first = await begin(site);
  for (const from of [0, 20]) await first.send(...earlier.slice(from, from + 20));
  await sql(
    `update erp_orders set due_on = '2026-07-01', version = version + 1 where number like 'R%' and number like '%3'`,
  );
  const records = Array.from({ length: 100 }, (_, n) => randomOrder(n, 1, random));
  const run = async (dryRun: boolean) => {
    const job = await begin(site, { dryRun });
    for (const from of [0, 25, 50, 75]) await job.send(...records.slice(from, from + 25));
    return (await job.rows()).map(said).sort();
  };
  const everything = `select (select count(*) from outbox_events) as events, (select count(*) from erp_number_sequences) as sequences,
    (select count(*) from dn_maps) as maps, (select sum(version) from erp_orders) as orders, (select sum(version) from erp_customers)
    as customers, (select count(*) from erp_product_variants) as variants, (select sum(reserved) from erp_stock_levels) as promised`;
  const before = await sql(everything);
  const dry = await run(true);
  t.same(await sql(everything), before, 'nothing but its rows');
  const real = await run(false);
  t.same(dry, real);
  t.ok(new Set(real.map((row) => JSON.parse(row)[2])).size >= 3, 'of each kind');
});

t.test('orders are confirmed and cancelled here while orders of the same variants are imported', async (t) => {
  const site = await connect('site');
  const tee = (dnId: string, at = 0, quantity = 2): DnOrderRecord => {
    const line = lineOf(390, 2);
    const sizes = line.sizes.map((size) => ({ ...size, quantity }));
    const lines = [{ ...line, quantity: 2 * quantity, line_total: String(9 * quantity), sizes }];
    return orderRecord(dnId, { lines, modified_at: minute(at), customer: orderRecord('PAR').customer });
  };
  const names = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);
  // Drafts of ours of both sizes, and some stock, which is not enough for all.
  await sql(`update dn_maps set local_code = 'draft' where connection_id = $1 and kind = 'status' and dn_id = '2'`, [
    site.id,
  ]);
  await (await begin(site)).send(...names('PD', 20).map((dnId) => ({ ...tee(dnId), status: '2' })));
  await (await begin(site)).send(...names('PC', 10).map((dnId) => tee(dnId)));
  const stock = {
    kind: 'inventory' as const,
    raw: '{}',
    modified_at: minute(0),
    sku: null,
    vendor_sku: null,
    size: null,
    colour: null,
  };
  const product = { dn_id: '490', code: null, name: 'Tee' };
  await (await begin(site)).send(
    { ...stock, product, dn_id: '490_0', level: 45 },
    { ...stock, product, dn_id: '490_1', level: 35 },
  );
  const mapped = async (prefix: string) =>
    (
      await sql<{ id: string }>(
        `select local_id as id from dn_maps where connection_id = $1 and kind = 'order' and dn_id like $2`,
        [site.id, `${prefix}%`],
      )
    ).map(({ id }) => id);
  const [drafts, confirmed] = [await mapped('PD'), await mapped('PC')];
  t.same([drafts.length, confirmed.length], [20, 10]);
  const [made, changed] = [await begin(site), await begin(site)];
  const answers = await Promise.all([
    ...drafts.map(async (id) => (await asClerk('POST', `orders/${id}/confirm`)).status),
    ...confirmed
      .slice(0, 5)
      .map(async (id) => (await asClerk('POST', `orders/${id}/cancel`, { reason: 'Test' })).status),
    made.send(...names('PN', 15).map((dnId) => tee(dnId))).then(() => 200),
    changed.send(...names('PC', 10).map((dnId) => tee(dnId, 1, 3))).then(() => 200),
  ]);
  t.same([...new Set(answers)], [200], answers.join());
  t.match((await asClerk('GET', 'stock/check')).body, { differences: [], next_cursor: null });
  const [sums] = await sql(
    `select (select sum(l.reserved) from erp_stock_levels l)::int as promised, (select sum(s.reserved_quantity) from erp_order_line_sizes s)::int
       as sizes, (select count(*) from erp_stock_levels l where l.reserved > l.on_hand)::int as overbooked,
       (select count(*) from erp_orders where status = 'confirmed' and id = any($1::uuid[]))::int as confirmed`,
    [drafts],
  );
  t.match(sums, { promised: sums?.['sizes'], overbooked: 0, confirmed: 20 });
});

t.test('orders of another place’s site may be numbered alike, though nobody sees both', async (t) => {
  const [here, there] = [await connect('site'), await connect('site', harbor)];
  const record = orderRecord('NUM1', { lines: [lineOf(395)] });
  t.match(await (await begin(here)).send(record), { review: 0, failed: 0 });
  const job = await begin(there);
  const other = { lines: [lineOf(396)], customer: orderRecord('NUM1-there').customer };
  t.match(await job.send(orderRecord('NUM1', other)), { created: 3, failed: 0 });
  const numbers = await sql<{ number: string }>(
    `select o.number from erp_orders o where o.id in (select local_id from dn_maps where kind = 'order' and dn_id = 'NUM1') order by 1`,
  );
  t.same(
    numbers.map(({ number }) => number),
    ['NUM1', 'NUM1-2'],
  );
});
