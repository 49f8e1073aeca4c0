import type { Queryable, Statement, Value } from '@platen/chassis/db/types';
import { testDatabase } from '@platen/chassis/testkit/database';
import postgres from 'postgres';
import t from 'tap';
import { v7 } from 'uuid';
import { openTestPlane, type TestTenant, tenantOf } from '../../../testkit/test-plane.js';
import { beginningWith } from '../../documents/index.js';

const database = await testDatabase(t, 'erp');
const plane = openTestPlane(t, { 'erp-1': database });
const acme = plane.addTenant('acme', 'erp-1');
const globex = plane.addTenant('globex', 'erp-1');
const superuser = postgres(database.superuserUrl, { max: 2 });
t.teardown(() => superuser.end());

const token = plane.token(acme);
const call = (method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object, as = token, tenant = acme) =>
  plane.call(tenant, as, { method, url, ...(payload && { payload }) });
const eur = (amount: string) => ({ amount, currency: 'EUR' });

interface Place {
  readonly tenant: TestTenant;
  readonly organizationId?: string;
  readonly workspaceId?: string;
}

/** Rows wherever they are wanted, past the policies: what an attack would have to find. */
async function plant(
  { tenant, organizationId = tenant.organizationIds[0], workspaceId }: Place,
  skus: readonly string[],
) {
  const owner = { tenant_id: tenant.id, organization_id: organizationId, workspace_id: workspaceId ?? null };
  const product = v7();
  await superuser`insert into erp_products ${superuser({
    ...owner,
    id: product,
    code: product,
    name: 'Secret garment',
    kind: 'blank',
    status: 'active',
    base_price: '1',
    currency: 'EUR',
  })}`;
  for (const sku of skus) {
    await superuser`insert into erp_product_variants ${superuser({
      ...owner,
      id: v7(),
      product_id: product,
      sku,
      option_values: superuser.json({ colour: 'Secret' }),
    })}`;
  }
  return product;
}

async function newProduct(
  code: string,
  name: string,
  brand: string | null,
  skus: readonly string[],
  rest: object = {},
) {
  const body = { code, name, brand, kind: 'blank', status: 'active', base_price: eur('5'), ...rest };
  const product = await call('POST', '/api/erp/products', body);
  if (product.status !== 201) throw new Error(product.text);
  for (const sku of skus) {
    const [, colour = 'none', size = 'one'] = sku.split('-');
    const made = await call('POST', `/api/erp/products/${product.body.id}/variants`, {
      sku,
      option_values: { colour, size },
    });
    if (made.status !== 201) throw new Error(made.text);
  }
  return product.body.id as string;
}

async function search(query: string, as = token, tenant = acme): Promise<string[]> {
  const answer = await call('GET', `/api/erp/variants?${query}`, undefined, as, tenant);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body.items.map(({ sku }: { sku: string }) => sku);
}
const words = (text: string, rest = '') => search(`q=${encodeURIComponent(text)}${rest}`);

t.test('every word is found where it stands, of the last one the beginning', async (t) => {
  const hoodie = await newProduct('g185', 'Heavy Blend Hoodie', 'Gildan', [
    'g185-navy-m',
    'g185-navy-xl',
    'g185-red-m',
  ]);
  await newProduct('b3001', 'Élan Tee "1/2 Sleeve"', 'Bella+Canvas', ['b3001-navy-m'], { category_id: null });
  t.same(await words('hoodie'), ['g185-navy-m', 'g185-navy-xl', 'g185-red-m'], 'name of the product, by SKU');
  t.same(await words('HOODIE gildan NAVY'), ['g185-navy-m', 'g185-navy-xl'], 'name, brand, option');
  t.same(await words('navy hood'), ['g185-navy-m', 'g185-navy-xl'], 'the last word is a beginning');
  t.same(await words('hood navy'), [], 'the others are whole');
  t.same(await words('g185-navy-x'), ['g185-navy-xl'], 'a SKU half typed');
  t.same(await words('élan'), ['b3001-navy-m']);
  t.same(await words('bella canvas'), ['b3001-navy-m']);
  t.same(await words('navy m'), ['b3001-navy-m', 'g185-navy-m']);
  const first = await call('GET', '/api/erp/variants?q=gildan&limit=2');
  t.same(await words('gildan', `&limit=2&cursor=${first.body.next_cursor}`), ['g185-red-m'], 'in pages');
  t.same(await words('navy', '&sku_prefix=G1'), ['g185-navy-m', 'g185-navy-xl'], 'with a SKU prefix');

  const [id] = (await call('GET', '/api/erp/variants?q=g185-red-m')).body.items.map((item: { id: string }) => item.id);
  await call('PATCH', `/api/erp/variants/${id}`, { status: 'archived', gtin: '4006381333931' });
  t.same(await words('40063813'), ['g185-red-m'], 'GTIN');
  t.same(await words('hoodie', '&status=archived'), ['g185-red-m']);
  t.same(await words('hoodie', '&status=active'), ['g185-navy-m', 'g185-navy-xl']);
  t.same(await words('hoodie', '&product_status=draft'), []);
  await call('PATCH', `/api/erp/products/${hoodie}`, { status: 'draft' });
  t.same(await words('hoodie', '&product_status=draft&status=active'), ['g185-navy-m', 'g185-navy-xl']);
  t.same(await search('product_status=draft&sku_prefix=g185-r'), ['g185-red-m'], 'without words');
  const category = (await call('POST', '/api/erp/categories', { code: 'warm', name: 'Warm' })).body.id;
  t.same(await search(`category_id=${category}`), []);
  await call('PATCH', `/api/erp/products/${hoodie}`, { category_id: category });
  t.same(await words('navy', `&category_id=${category}`), ['g185-navy-m', 'g185-navy-xl']);
});

t.test('a change of a name is found at once, one that meets a new variant too', async (t) => {
  const product = await newProduct('p1', 'Crewneck', 'Hanes', ['p1-a']);
  await call('PATCH', `/api/erp/products/${product}`, { name: 'Sweatshirt' });
  t.same([await words('crewneck'), await words('sweatshirt')], [[], ['p1-a']]);
  t.match(await call('GET', `/api/erp/products/${product}/variants`), { body: { items: [{ version: 1 }] } });
  const made = await Promise.all([
    call('PATCH', `/api/erp/products/${product}`, { name: 'Pullover' }),
    ...['p1-b', 'p1-c', 'p1-d'].map((sku) =>
      call('POST', `/api/erp/products/${product}/variants`, { sku, option_values: {} }),
    ),
  ]);
  t.same(
    made.map(({ status }) => status),
    [200, 201, 201, 201],
  );
  t.same(await words('pullover'), ['p1-a', 'p1-b', 'p1-c', 'p1-d']);
  t.same(await words('sweatshirt'), []);
});

t.test('nothing of another tenant, organization or workspace is found', async (t) => {
  const [main, other] = acme.workspaceIds;
  await plant({ tenant: globex }, ['secret-globex']);
  await plant({ tenant: acme, organizationId: acme.organizationIds[1] }, ['secret-org-2']);
  await plant({ tenant: acme, workspaceId: main }, ['secret-main']);
  await plant({ tenant: acme, workspaceId: other }, ['secret-other']);
  // The same mark in front of its words: only the comparison of owners keeps them apart.
  const twin = `${v7().slice(0, -8)}${acme.organizationIds[0].slice(-8)}`;
  await plant({ tenant: globex, organizationId: twin }, ['secret-twin']);
  const queries = [
    'q=secret',
    'q=secret+garment+s',
    'sku_prefix=secret',
    'product_status=active&sku_prefix=secret',
    'q=s&sku_prefix=secret',
  ];
  for (const query of queries) {
    t.same(await search(query), ['secret-main', 'secret-other'], `the whole organization: ${query}`);
    t.same(await search(query, plane.token(acme, { ws: main })), ['secret-main'], `a workspace: ${query}`);
    t.same(await search(query, plane.token(acme, { ws: other })), ['secret-other']);
    t.same(await search(query, plane.token(globex), globex), ['secret-globex']);
    t.same(await search(query, plane.token(acme, { org: acme.organizationIds[1] })), ['secret-org-2']);
  }
  const cursor = (await call('GET', '/api/erp/variants?q=secret&limit=1')).body.next_cursor;
  const moved = await call(
    'GET',
    `/api/erp/variants?q=secret&cursor=${cursor}`,
    undefined,
    plane.token(globex),
    globex,
  );
  t.match(moved, { status: 400, body: { code: 'invalid_cursor' } });
});

/** As the application's role, in whatever scope it is in. */
const named = statement();
function statement() {
  let count = 0;
  return async <Row>(db: Queryable, text: string, values: readonly Value[] = []): Promise<Row[]> => {
    count += 1;
    const made: Statement<Row> = { name: `search_test_${count}`, text };
    return db.query(made, values);
  };
}
const ids = `select search_variants($1, '', $2, $3, null, null, null, 50) as id`;

t.test('the function itself keeps to the scope, whatever it is asked', async (t) => {
  const tenant = tenantOf(plane.store, acme.id);
  const open = (organizationId: string | null, workspaceId: string | null) =>
    plane.router.open(tenant, { tenantId: acme.id, organizationId, workspaceId });
  const find = (db: Queryable, text: string | null, prefix = '') =>
    named<{ id: string }>(db, ids, [text, ...beginningWith(prefix)]);
  t.equal((await find(open(acme.organizationIds[0], null), 'secret')).length, 2);
  t.same(await find(open(null, null), 'secret'), [], 'no organization');
  t.same(await find(open(v7(), null), 'secret'), [], 'an unknown one');
  t.same((await find(open(acme.organizationIds[0], v7()), 'secret')).length, 0, 'an unknown workspace');
  const app = postgres(database.appUrl, { max: 1, onnotice: () => {} });
  t.teardown(() => app.end());
  const unset = await app.unsafe(`select search_variants('secret', '', '', chr(1114111), null, null, null, 50)`);
  t.equal(unset.length, 0, 'no settings at all');
  await t.rejects(app`set role platen_search`, /permission denied/);
  const system = postgres(database.systemUrl, { max: 1, onnotice: () => {} });
  t.teardown(() => system.end());
  const asked = system.unsafe(`select search_variants('s', '', '', 'z', null, null, null, 1)`);
  await t.rejects(asked, /permission denied for function/);

  const db = open(acme.organizationIds[0], null);
  const hostile = [
    `'`,
    `''`,
    `' | 'secret`,
    `secret' & !'x`,
    '\\',
    `\\'`,
    ':*',
    '!secret',
    '(((',
    '<->',
    '%',
    '_',
    '* | *',
    '\u0001',
    '$$',
    `'; drop table erp_products; --`,
    '"secret',
    'ﷺ'.repeat(200),
    '\u{1f455}',
    '\u0301',
    'secret\u0000'.replace('\u0000', ''),
  ];
  for (const text of hostile) {
    const found = await find(db, text);
    t.ok(found.length === 0 || /secret/i.test(text), `harmless: ${JSON.stringify(text).slice(0, 40)}`);
  }
  for (const text of ['', ' ', '-- , ; ...', "'''", '\u2014 \u2026'])
    t.same(await find(db, text), [], 'no word, nothing');
  for (const text of ['a'.repeat(4000), 'zq '.repeat(1300), "' ".repeat(2000), '-'.repeat(4000)]) {
    t.same(await find(db, text), [], '4,000 characters');
  }
  t.equal((await find(db, 'secret '.repeat(570))).length, 2, 'said often is said once');
  const long = await call('GET', `/api/erp/variants?q=${'a'.repeat(4000)}`);
  t.match(long, { status: 400, body: { code: 'validation_failed' } });
});

t.test('what is kept is what is asked for, whatever a product and its options are called', async (t) => {
  const place = { tenant_id: acme.id, organization_id: acme.organizationIds[0] };
  const names = [
    'Plain "T-Shirt", 100 %',
    'Größe ﬁne ﷺ ①',
    'C:\\new\\table',
    `${'a'.repeat(64)} ${'b'.repeat(65)} ${'c'.repeat(70)}`,
    `ü${'d'.repeat(70)}`,
    '- / -',
  ];
  for (const [index, name] of names.entries()) {
    const product = v7();
    const rest = { kind: 'blank', status: 'active', base_price: '1', currency: 'EUR' };
    await superuser`insert into erp_products ${superuser({ ...place, id: product, code: `said-${index}`, name, ...rest })}`;
    for (const [number, value] of [...names, 'line\nfeed\u0001\ttab', '{}[]:,'].entries()) {
      const options = superuser.json({ colour: value, 'size \\ n': 'XL' });
      const sku = `said-${index}.${number}_${value.length}`;
      await superuser`insert into erp_product_variants ${superuser({ ...place, id: v7(), product_id: product, sku, option_values: options })}`;
    }
  }
  const different = await superuser`
    select v.sku, v.search from erp_product_variants v join erp_products p on p.id = v.product_id
    where v.sku like 'said-%' and v.search is distinct from array_to_tsvector(search_words(concat_ws(' ', p.code, p.name,
      p.brand, v.sku, v.gtin, (select string_agg(value, ' ') from jsonb_each_text(v.option_values))), v.organization_id))`;
  t.same(different, []);
  t.equal((await words('größe fine')).length, 13, 'folded as it is kept');
  t.equal((await words('c new table')).length, 13);
});

/** How SKUs lie: those of a product side by side, or among those of all others. */
const orders = {
  'side by side': `lpad(substr(p.code, 3), 3, '0') || '-' || v || '-' || hashtext(p.code || v) % 1000`,
  'among each other': `lpad((hashtext(p.code || v) & 2147483647)::text, 10, '0') || '-' || p.code || '-' || v`,
};
for (const [order, sku] of Object.entries(orders)) {
  t.test(`the same is found as by looking at everything, whatever is asked: SKUs ${order}`, async (t) => {
    const db = await superuser.reserve();
    t.teardown(() => db.release());
    const [organization, elsewhere, main, other, category] = [v7(), v7(), v7(), v7(), v7()] as const;
    await db`select set_config('app.tenant_id', ${acme.id}, false), set_config('app.organization_id', ${organization}, false)`;
    // Some words everywhere, some on few, a brand far from where the first page begins, neighbours with the same words.
    await db.unsafe(`
    insert into erp_categories (tenant_id, organization_id, id, code, name)
      values ('${acme.id}', '${organization}', '${category}', 'some', 'Some');
    insert into erp_products
      (tenant_id, organization_id, workspace_id, id, code, name, brand, status, kind, category_id, base_price, currency)
    select '${acme.id}', case when n % 10 = 9 then '${elsewhere}' else '${organization}' end::uuid,
      case n % 7 when 0 then '${main}' when 1 then '${other}' end::uuid, gen_random_uuid(), 'st' || n,
      case n % 3 when 0 then 'Heavy Tee' when 1 then 'Tee "Soft"' else 'Hoodie' end || ' ' || n % 11,
      case when n > 350 then 'Late' when n % 2 = 0 then 'Élan' end,
      (array['active', 'active', 'draft', 'active', 'archived'])[1 + n % 5], 'blank',
      case when n % 10 <> 9 and n % 4 = 0 then '${category}'::uuid end, 1, 'EUR' from generate_series(1, 450) n;
    insert into erp_product_variants
      (tenant_id, organization_id, workspace_id, id, product_id, sku, status, option_values, gtin)
    select p.tenant_id, p.organization_id, p.workspace_id, gen_random_uuid(), p.id,
      ${sku},
      case when hashtext(p.code || v) % 17 = 0 then 'archived' else 'active' end,
      jsonb_build_object('colour', (array['Red', 'Navy', 'Light Red'])[1 + v % 3], 'size', (array['S', 'M'])[1 + v % 2]),
      case when v = 5 then '04' || lpad(substr(p.code, 3), 11, '0') end
    from erp_products p, generate_series(1, 14) v where p.organization_id in ('${organization}', '${elsewhere}');
    analyze erp_products, erp_product_variants;
    drop table if exists said;
    create temporary table said as
    select v.id, v.sku, v.status, v.workspace_id, p.status as product_status, p.category_id,
      p.workspace_id as product_workspace_id, regexp_split_to_array(lower(concat_ws(' ', p.code, p.name, p.brand, v.sku,
        v.gtin, v.option_values ->> 'colour', v.option_values ->> 'size')), '[^[:alnum:]]+') as words
    from erp_product_variants v join erp_products p using (tenant_id, organization_id)
    where p.id = v.product_id and v.organization_id = '${organization}'`);

    const texts = [
      null,
      's',
      'st4',
      'tee',
      'late',
      'l',
      'late red m',
      'red late',
      'heavy navy s',
      'élan hoodie 7',
      '040',
      'x',
    ];
    const ranges = [[''], ['', '2'], ['4'], ['', '', '440'], ['39', '', '39']] as const;
    const filters = [
      [null, null, null],
      ['active', null, null],
      ['archived', null, null],
      [null, 'draft', null],
      ['active', null, category],
      ['archived', 'archived', category],
    ] as const;
    let [asked, found] = [0, 0];
    for (const text of texts) {
      for (const [prefix, after = '', from = prefix] of ranges) {
        for (const [status, productStatus, categoryId] of filters) {
          const turn = asked + Math.floor(asked / filters.length);
          const workspace = turn % 2 === 0 ? null : main;
          await db`select set_config('app.workspace_id', ${workspace ?? ''}, false)`;
          const [first, beyond] = [from, `${prefix}\u{10ffff}`];
          const limit = [3, 51, 201][turn % 3] ?? 51;
          const words = (text ?? '').split(' ');
          const [expected] = await db<{ ids: string[] | null }[]>`select array_agg(id) as ids from (
            select id from said where (${text}::text is null
                or words @> ${words.slice(0, -1)}::text[] and exists (select from unnest(words) word where starts_with(word, ${words.at(-1) ?? ''})))
              and sku collate "C" > ${after} and sku collate "C" >= ${first} and sku collate "C" < ${beyond}
              and (${workspace}::uuid is null or workspace_id is null or workspace_id = ${workspace})
              and (${status}::text is null or status = ${status})
              and (${productStatus}::text is null or product_status = ${productStatus})
              and (${categoryId}::uuid is null or category_id = ${categoryId})
            order by sku collate "C" limit ${limit}) wanted`;
          const [answer] = await db<{ ids: string[] | null }[]>`select array_agg(id) as ids from
            search_variants(${text}, ${after}, ${first}, ${beyond}, ${status}, ${productStatus}, ${categoryId}, ${limit}) id`;
          asked += 1;
          found += expected?.ids?.length ?? 0;
          const same = JSON.stringify(answer) === JSON.stringify(expected);
          if (!same)
            t.same(
              answer,
              expected,
              JSON.stringify([workspace, text, prefix, after, from, status, productStatus, categoryId, limit]),
            );
        }
      }
    }
    t.equal(asked, 360);
    t.ok(found > 5_000, `${found} found`);
  });
}

t.test('the index of words is read, and what is common is found in the order of SKUs', async (t) => {
  await superuser.unsafe(`
    insert into erp_product_variants (tenant_id, organization_id, id, product_id, sku, option_values)
    select tenant_id, organization_id, gen_random_uuid(), id, 'many-' || lpad(n::text, 5, '0'),
      jsonb_build_object('colour', case when n > 2950 then 'Teal' else 'Grey' end, 'size', 'S' || n % 7,
        'pantone', case when n > 2950 then 3262 end)
    from erp_products, generate_series(1, 3000) n where code = 'p1'`);
  await superuser.unsafe('analyze erp_product_variants');
  t.same((await words('grey', '&limit=200')).slice(0, 2), ['many-00001', 'many-00002'], 'by SKU');
  t.same(await words('teal', '&limit=2'), ['many-02951', 'many-02952'], 'beyond what is looked at one by one');
  t.equal((await words('pullover', '&limit=200')).length, 200);
  t.same(await words('teal', '&sku_prefix=many-03'), ['many-03000']);
  t.equal((await words('teal', '&product_status=active&limit=200')).length, 50);
  t.same(await words('teal', '&product_status=draft'), []);
  t.same(await words('3262', '&limit=2'), ['many-02951', 'many-02952'], 'a number: it may be a GTIN');
  t.equal((await words('teal 3262', '&limit=200')).length, 50);
  t.same(await words('grey 3262'), [], 'nowhere together');
  t.equal((await words('grey s3', '&limit=200')).length, 200);
  // Under the same mark, with SKUs that are ours too: one of ours has the word, the other has not.
  const twin = `${v7().slice(0, -8)}${acme.organizationIds[0].slice(-8)}`;
  await superuser.begin((tx) =>
    tx.unsafe(`
    set local session_replication_role = replica;
    insert into erp_product_variants (tenant_id, organization_id, id, product_id, sku, option_values, search)
    select '${globex.id}', '${twin}', gen_random_uuid(), v.product_id, v.sku, '{}', teal.search
    from erp_product_variants v, (select search from erp_product_variants where sku = 'many-03000') teal
    where v.sku in ('many-02900', 'many-02951')`),
  );
  for (const text of ['teal', '3262']) {
    t.same(await words(text, '&limit=2'), ['many-02951', 'many-02952'], 'of the same mark');
    t.equal((await words(text, '&limit=200')).length, 50);
  }

  const plans: string[] = [];
  const watching = postgres(database.superuserUrl, { max: 1, onnotice: ({ message }) => plans.push(message ?? '') });
  t.teardown(() => watching.end());
  await watching.unsafe(`load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_level = notice;
    set auto_explain.log_nested_statements = on; set enable_seqscan = off;
    select set_config('app.tenant_id', '${acme.id}', false), set_config('app.organization_id', '${acme.organizationIds[0]}', false)`);
  for (const text of ['teal', '3262']) {
    const found = await watching.unsafe(
      `select search_variants('${text}', '', '', chr(1114111), null, null, null, 50)`,
    );
    t.equal(found.length, 50);
  }
  const text = plans.join('\n');
  // Whose statistics nobody has ever gathered here.
  t.match(text, /Bitmap Index Scan on erp_product_search_search_idx/);
  t.match(text, /Bitmap Index Scan on erp_product_variants_search_idx/);
  t.match(text, /Index Scan using erp_product_variants_sku_prefix_idx/);
  t.notMatch(text, /BitmapAnd/);
});

/** Variants of which their products' hints lack a word or the SKU: a search would not find them. */
const unhinted = (tenant: string) => superuser`
  select v.sku from erp_product_variants v
  left join erp_product_search h using (tenant_id, organization_id, product_id)
  where v.tenant_id = ${tenant} and (h.product_id is null
    or v.sku collate "C" < h.least_sku or v.sku collate "C" > h.greatest_sku
    or length(h.search || ts_delete(v.search, right(v.organization_id::text, 8) || coalesce(v.gtin, '')))
      > length(h.search))`;

t.test('whatever is done to a variant, its product is found by it', async (t) => {
  const product = await newProduct('w1', 'Windbreaker', 'Port', ['w1-navy-m', 'w1-red-m']);
  const variantsOf = async () => (await call('GET', `/api/erp/products/${product}/variants`)).body.items;
  const [navy, red] = await variantsOf();
  const hint = async () => (await superuser`select * from erp_product_search where product_id = ${product}`)[0];
  t.match(await hint(), { least_sku: 'w1-navy-m', greatest_sku: 'w1-red-m' });
  await call('PATCH', `/api/erp/variants/${navy.id}`, { sku: 'a-first', gtin: '4006381333931' });
  await call('PATCH', `/api/erp/variants/${red.id}`, { sku: 'z-last', option_values: { colour: 'Ochre', size: 'm' } });
  t.match(await hint(), { least_sku: 'a-first', greatest_sku: 'z-last' });
  t.notMatch((await hint())?.['search'], /4006381333931/, 'of GTINs it knows nothing');
  await call('PATCH', `/api/erp/products/${product}`, { brand: 'Starboard' });
  t.match((await hint())?.['search'], /ochre.*starboard/);
  const before = await hint();
  await call('PATCH', `/api/erp/variants/${red.id}`, { price_delta: eur('1') });
  t.same(await hint(), before);
  await call('PATCH', `/api/erp/variants/${red.id}`, { sku: 'm', option_values: {} });
  t.match(await hint(), { least_sku: 'a-first', greatest_sku: 'z-last', search: /ochre/ }, 'never narrower');
  await Promise.all(
    ['Umber', 'Sienna', 'Ecru'].map((colour) =>
      call('POST', `/api/erp/products/${product}/variants`, { sku: `w1-${colour}`, option_values: { colour } }),
    ),
  );
  t.match((await hint())?.['search'], /ecru.*sienna.*umber/, 'at once');
  t.ok((await superuser`select from erp_product_variants where tenant_id = ${acme.id}`).length > 10_000);
  t.same(await unhinted(acme.id), []);
});
