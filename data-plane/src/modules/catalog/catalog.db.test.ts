import { testDatabase } from '@platen/chassis/testkit/database';
import { Category, Product, Variant, variants } from '@platen/schema/contracts/data/catalog';
import t from 'tap';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { openTestPlane, tenantOf } from '../../testkit/test-plane.js';
import { beginningWith } from '../documents/index.js';
import { pagesBySku } from './variants/search-repo.js';

const plane = openTestPlane(t, { 'erp-1': await testDatabase(t, 'erp') });
const acme = plane.addTenant('acme', 'erp-1');
const token = plane.token(acme);
const call = (method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object, headers?: Record<string, string>) =>
  plane.call(acme, token, { method, url, ...(payload && { payload }), ...(headers && { headers }) });

const fits = (schema: TSchema, value: unknown): string =>
  [...Compile(schema).Errors(value)].map((error) => `${error.instancePath} ${error.message}`).join('; ');
const eur = (amount: string) => ({ amount, currency: 'EUR' });

t.test('categories: created, read, changed, listed', async (t) => {
  const created = await call('POST', '/api/erp/categories', { code: 'Shirts', name: 'Shirts "& more"' });
  t.equal(created.status, 201);
  t.equal(fits(Category, created.body), '', 'the answer is what the contract says');
  t.match(created.body, { code: 'shirts', name: 'Shirts "& more"', parent_id: null, position: 0, version: 1 });
  t.equal(created.headers['etag'], '"1"');

  const { id } = created.body;
  const read = await call('GET', `/api/erp/categories/${id}`);
  t.same(read.body, created.body);
  t.equal((await call('GET', `/api/erp/categories/${id}`, undefined, { 'if-none-match': '"1"' })).status, 304);

  const child = await call('POST', '/api/erp/categories', { code: 'tees', name: 'Tees', parent_id: id, position: 7 });
  t.equal(child.body.parent_id, id);
  const changed = await call(
    'PATCH',
    `/api/erp/categories/${child.body.id}`,
    { name: 'T-shirts' },
    { 'if-match': '"1"' },
  );
  t.match(changed.body, { name: 'T-shirts', position: 7, parent_id: id, version: 2 }, 'what is not given stays');
  t.equal(fits(Category, changed.body), '');
  const root = await call('PATCH', `/api/erp/categories/${child.body.id}`, { parent_id: null });
  t.match(root.body, { parent_id: null, version: 3 }, 'null is a value');

  t.match(await call('PATCH', `/api/erp/categories/${child.body.id}`, { name: 'x' }, { 'if-match': '"1"' }), {
    status: 412,
    body: { code: 'version_mismatch' },
  });
  t.match(await call('POST', '/api/erp/categories', { code: 'SHIRTS', name: 'again' }), {
    status: 409,
    body: { code: 'duplicate' },
  });
  t.match(await call('PATCH', `/api/erp/categories/${child.body.id}`, { code: 'shirts' }), { status: 409 });
  const nobody = '01930000-0000-7000-8000-00000000dead';
  t.match(await call('POST', '/api/erp/categories', { code: 'x', name: 'x', parent_id: nobody }), {
    status: 422,
    body: { code: 'unknown_reference', errors: [{ path: '/body/parent_id' }] },
  });
  t.match(await call('PATCH', `/api/erp/categories/${nobody}`, { name: 'x' }), { status: 404 });
  t.match(await call('GET', `/api/erp/categories/${nobody}`), { status: 404, body: { code: 'not_found' } });
});

t.test('a category never lies within itself, also when two moves meet', async (t) => {
  const make = async (code: string) => (await call('POST', '/api/erp/categories', { code, name: code })).body.id;
  const [a, b, c] = [await make('cycle-a'), await make('cycle-b'), await make('cycle-c')];
  const move = (id: string, parent_id: string) => call('PATCH', `/api/erp/categories/${id}`, { parent_id });
  t.match(await move(a, a), { status: 422, body: { code: 'category_cycle' } });
  t.equal((await move(b, a)).status, 200);
  t.equal((await move(c, b)).status, 200);
  t.match(await move(a, c), { status: 422, body: { code: 'category_cycle' } });
  const [d, e] = [await make('cycle-d'), await make('cycle-e')];
  const both = await Promise.all([move(d, e), move(e, d)]);
  t.same(both.map(({ status }) => status).sort(), [200, 422], 'one of two opposite moves wins');
});

t.test('products: in the currency of the organization, in a category that is there', async (t) => {
  const category = (await call('POST', '/api/erp/categories', { code: 'garments', name: 'Garments' })).body.id;
  const body = { code: 'TEE-1', name: 'Tee', kind: 'blank', base_price: eur('4.5'), category_id: category };
  const created = await call('POST', '/api/erp/products', body);
  t.equal(created.status, 201);
  t.equal(fits(Product, created.body), '');
  t.match(created.body, { code: 'tee-1', status: 'draft', tax_class: 'standard', base_price: eur('4.5000') });
  const url = `/api/erp/products/${created.body.id}`;
  t.same((await call('GET', url)).body, created.body);

  const changed = await call('PATCH', url, { base_price: eur('5'), status: 'active' });
  t.match(changed.body, { base_price: eur('5.0000'), status: 'active', category_id: category, version: 2 });
  t.equal(fits(Product, changed.body), '');
  t.match((await call('PATCH', url, { category_id: null })).body, { category_id: null, version: 3 });
  const usd = { amount: '1', currency: 'USD' };
  t.match(await call('PATCH', url, { base_price: usd }), { status: 422, body: { code: 'currency_mismatch' } });
  t.match(await call('POST', '/api/erp/products', { ...body, code: 'tee-2', base_price: usd }), {
    status: 422,
    body: { code: 'currency_mismatch' },
  });
  t.match(await call('POST', '/api/erp/products', { ...body, code: 'tee-3', category_id: created.body.id }), {
    status: 422,
    body: { code: 'unknown_reference' },
  });
  t.match(await call('PATCH', url, { category_id: created.body.id }), { body: { code: 'unknown_reference' } });
  t.match(await call('POST', '/api/erp/products', body), { status: 409, body: { code: 'duplicate' } });
  t.match(await call('PATCH', url, { name: 'x' }, { 'if-match': '"2"' }), { status: 412 });
  t.match((await call('GET', url)).body, { name: 'Tee', version: 3 }, 'refused changes left nothing');
});

t.test('an Idempotency-Key gives one product, and the first answer again', async (t) => {
  const body = { code: 'once', name: 'Once', kind: 'service', base_price: eur('1') };
  const headers = { 'idempotency-key': 'catalogue-test-0001' };
  const first = await call('POST', '/api/erp/products', body, headers);
  const again = await call('POST', '/api/erp/products', body, headers);
  t.equal(first.status, 201);
  t.equal(again.text, first.text);
  t.equal(again.headers['idempotent-replayed'], 'true');
  t.equal(again.headers['etag'], '"1"', 'with the tag for If-Match');
  t.match(await call('POST', '/api/erp/products', { ...body, name: 'other' }, headers), {
    status: 422,
    body: { code: 'idempotency_key_reused' },
  });
});

t.test('pages are stable under inserts, cursors belong to their list', async (t) => {
  const make = (code: string) =>
    call('POST', '/api/erp/products', { code, name: code, kind: 'blank', base_price: eur('1'), status: 'archived' });
  for (let n = 0; n < 7; n += 1) t.equal((await make(`paged-${n}`)).status, 201);
  const seen: string[] = [];
  let cursor: string | null = null;
  let pages = 0;
  do {
    const page = await call('GET', `/api/erp/products?status=archived&limit=3${cursor ? `&cursor=${cursor}` : ''}`);
    t.equal(page.status, 200);
    for (const item of page.body.items) t.equal(fits(Product, item), '');
    seen.push(...page.body.items.map((item: { code: string }) => item.code));
    cursor = page.body.next_cursor;
    pages += 1;
    if (pages === 1) await make('paged-between');
  } while (cursor);
  t.same(seen, ['paged-6', 'paged-5', 'paged-4', 'paged-3', 'paged-2', 'paged-1', 'paged-0'], 'newest first, no gap');
  t.equal(pages, 3, 'a last page that is full has no successor to promise');
  const first = await call('GET', '/api/erp/products?status=archived&limit=1');
  const forged = `/api/erp/products?status=active&limit=1&cursor=${first.body.next_cursor}`;
  t.match(await call('GET', forged), { status: 400, body: { code: 'invalid_cursor' } });
  const full = await call('GET', '/api/erp/products?status=archived&limit=8');
  t.equal(full.body.items.length, 8);
  t.equal(full.body.next_cursor, null);
});

t.test('variants: by product, and found by the beginning of their SKU', async (t) => {
  const make = (code: string) =>
    call('POST', '/api/erp/products', { code, name: code, kind: 'blank', base_price: eur('9') });
  const product = (await make('hoodie')).body.id;
  const variantsUrl = `/api/erp/products/${product}/variants`;
  const created = await call('POST', variantsUrl, {
    sku: 'HOOD-M',
    option_values: { size: 'M', colour: 'navy "dark"' },
    cost: eur('3.1'),
    price_delta: eur('-0.5'),
    gtin: '04012345678901',
  });
  t.equal(created.status, 201);
  t.equal(fits(Variant, created.body), '');
  t.match(created.body, { sku: 'hood-m', cost: eur('3.1000'), price_delta: eur('-0.5000'), weight_g: null });
  t.same(created.body.option_values, { size: 'M', colour: 'navy "dark"' });
  for (const sku of ['hood-l', 'hood-xl', 'hat-1', 'ho']) {
    t.match(await call('POST', variantsUrl, { sku, option_values: {} }), { status: 201, body: { cost: null } });
  }
  const listed = await call('GET', variantsUrl);
  t.equal(fits(variants.list.response, listed.body), '');
  t.same(skus(listed.body), ['hood-m', 'hood-l', 'hood-xl', 'hat-1', 'ho']);
  const found = await call('GET', '/api/erp/variants?sku_prefix=HOOD-&limit=2');
  t.equal(fits(variants.search.response, found.body), '');
  t.same(skus(found.body), ['hood-l', 'hood-m']);
  const rest = await call('GET', `/api/erp/variants?sku_prefix=hood-&limit=2&cursor=${found.body.next_cursor}`);
  t.same([skus(rest.body), rest.body.next_cursor], [['hood-xl'], null]);
  t.same(skus((await call('GET', '/api/erp/variants')).body), ['hat-1', 'ho', 'hood-l', 'hood-m', 'hood-xl']);

  const url = `/api/erp/variants/${created.body.id}`;
  const changed = await call('PATCH', url, { cost: null, status: 'archived' }, { 'if-match': '"1"' });
  t.match(changed.body, { cost: null, status: 'archived', price_delta: eur('-0.5000'), version: 2 });
  t.equal(fits(Variant, changed.body), '');
  t.same(skus((await call('GET', '/api/erp/variants?sku_prefix=hood&status=archived')).body), ['hood-m']);
  const usd = { amount: '1', currency: 'USD' };
  t.match(await call('PATCH', url, { cost: usd }), { status: 422, body: { code: 'currency_mismatch' } });
  t.match(await call('POST', variantsUrl, { sku: 'x', option_values: {}, cost: usd }), { status: 422 });
  t.match(await call('POST', variantsUrl, { sku: 'HOOD-M', option_values: {} }), { status: 409 });
  t.match(await call('PATCH', url, { status: 'active' }, { 'if-match': '"1"' }), { status: 412 });
  const nobody = '01930000-0000-7000-8000-00000000dead';
  t.match(await call('GET', `/api/erp/products/${nobody}/variants`), { status: 404 });
  t.match(await call('POST', `/api/erp/products/${nobody}/variants`, { sku: 'x', option_values: {} }), { status: 404 });
  const none = (await make('bare')).body.id;
  t.match(await call('GET', `/api/erp/products/${none}/variants`), { status: 200, body: { items: [] } });
});

t.test('options: variants say them all, and what is missing is made', async (t) => {
  const options = [
    { name: 'colour', values: ['Black', 'Royal Blue'] },
    { name: 'size', values: ['S', 'M', '2XL'] },
  ];
  const body = { code: 'G500', name: 'Tee', kind: 'blank', base_price: eur('4'), brand: 'Gildan', options };
  const made = await call('POST', '/api/erp/products', body);
  t.match(made, { status: 201, body: { brand: 'Gildan', description: null, options } });
  t.equal(fits(Product, made.body), '');
  const url = `/api/erp/products/${made.body.id}`;
  const twice = [...options, { name: 'size', values: ['x'] }];
  t.match(await call('PATCH', url, { options: twice }), {
    status: 400,
    body: { code: 'validation_failed', errors: [{ path: '/body/options/2/name' }] },
  });

  const add = (option_values: object, sku = 'x1') => call('POST', `${url}/variants`, { sku, option_values });
  const paths = ({ body: { errors } }: { body: { errors: { path: string }[] } }) => errors.map(({ path }) => path);
  const wrong = await add({ colour: 'Pink', 'fit/slim': 'y' });
  t.match(wrong, { status: 400, body: { code: 'validation_failed' } });
  t.same(paths(wrong), ['/body/option_values/fit~1slim', '/body/option_values/colour', '/body/option_values/size']);
  const one = await add({ size: 'M', colour: 'Black' }, 'own-sku');
  t.equal(one.status, 201);
  const variant = `/api/erp/variants/${one.body.id}`;
  t.same((await call('GET', variant)).body, one.body);
  t.same(paths(await call('PATCH', variant, { option_values: { size: 'M' } })), ['/body/option_values/colour']);
  t.match(await call('PATCH', variant, { weight_g: 3 }), { status: 200 });
  t.match(await call('PATCH', url, { options: options.slice(0, 1) }), {
    status: 409,
    body: { code: 'in_use', errors: [{ path: '/body/options' }] },
  });

  const generate = (sku_pattern: string, rest: object = {}) =>
    call('POST', `${url}/variants/generate`, { sku_pattern, ...rest });
  const some = await generate('{code}-{colour}-{size}', { only: { size: ['S', 'M'] }, price_delta: eur('1') });
  t.equal(fits(variants.generate.response, some.body), '');
  t.same(skus({ items: some.body.created }), ['g500-black-s', 'g500-royal-blue-s', 'g500-royal-blue-m']);
  t.match(some.body, { existing: 1, created: [{ price_delta: eur('1.0000'), cost: null }] });
  t.match(await generate('own-sku'), { status: 400, body: { errors: [{ path: '/body/sku_pattern' }] } });
  t.match(await generate('own-sku', { only: { size: ['2XL'], colour: ['Black'] } }), {
    status: 409,
    body: { code: 'duplicate', errors: [{ path: '/body/sku_pattern' }] },
  });
  t.match(await generate('{code}-{size}', { cost: { amount: '1', currency: 'USD' } }), { status: 422 });
  const both = await Promise.all([generate('{code}-{colour}-{size}'), generate('{code}-{colour}-{size}')]);
  t.same(both.map(({ body: { created } }) => created.length).sort(), [0, 2], 'two at once make each once');
  t.equal((await call('GET', `${url}/variants`)).body.items.length, 6);
  t.match(await generate('{code}-{size}'), { status: 200, body: { created: [], existing: 6 } });
  const nobody = '/api/erp/products/01930000-0000-7000-8000-00000000dead/variants/generate';
  t.equal((await call('POST', nobody, { sku_pattern: 'x' })).status, 404);

  t.match(await call('POST', '/api/erp/products', body), {
    status: 409,
    body: { code: 'duplicate', errors: [{ path: '/body/code' }] },
  });
});

t.test('lists by every combination of their filters', async (t) => {
  const category = (await call('POST', '/api/erp/categories', { code: 'lists', name: 'Lists' })).body.id;
  const below = { code: 'lists-below', name: 'Below', parent_id: category };
  await call('POST', '/api/erp/categories', below);
  const codes = async (query: string) =>
    (await call('GET', `/api/erp/${query}`)).body.items.map(({ code }: { code: string }) => code);
  t.same(await codes(`categories?parent_id=${category}`), ['lists-below']);
  const top = await codes('categories?parent_id=none&limit=200');
  t.same([top.includes('lists'), top.includes('lists-below')], [true, false]);
  t.equal((await call('GET', '/api/erp/categories?parent_id=some')).status, 400);

  const rows = [
    { code: 'fl-1', brand: 'Filter', status: 'active', category_id: category },
    { code: 'fl-2', brand: 'Filter', status: 'draft' },
    { code: 'fl-3', brand: 'Other', status: 'active', category_id: category },
  ];
  for (const row of rows) {
    await call('POST', '/api/erp/products', { ...row, name: row.code, kind: 'blank', base_price: eur('1') });
  }
  const filters = { status: 'active', category_id: category, brand: 'Filter', code_prefix: 'FL-' };
  const names = Object.keys(filters) as (keyof typeof filters)[];
  for (let mask = 1; mask < 2 ** names.length; mask += 1) {
    const used = names.filter((_, bit) => mask & (2 ** bit));
    const query = used.map((name) => `${name}=${filters[name]}`).join('&');
    const ours = used.some((name) => name !== 'status');
    const expected = rows.filter((row) =>
      used.every((name) => name === 'code_prefix' || row[name as keyof typeof row] === filters[name]),
    );
    const found = (await codes(`products?${query}&limit=200`)).filter((code: string) => ours || code.startsWith('fl-'));
    const order = expected.map(({ code }) => code);
    t.same(found, used.includes('code_prefix') ? order : order.reverse(), query);
  }
});

t.test('the search by SKU reads its index under row-level security', async (t) => {
  const scope = { tenantId: acme.id, organizationId: acme.organizationIds[0], workspaceId: null };
  const db = plane.router.open(tenantOf(plane.store, acme.id), scope);
  const plan = await db.transaction(async (tx) => {
    // Small tables are read whole, whatever their indexes.
    await tx.query({ name: 'explain_no_seq', text: `select set_config('enable_seqscan', 'off', true)` });
    const explain = { name: 'explain_sku', text: `explain ${pagesBySku.any.statement.text}` };
    return tx.query<{ 'QUERY PLAN': string }>(explain, [50, '', ...beginningWith('hood')]);
  });
  const text = plan.map((row) => row['QUERY PLAN']).join('\n');
  t.match(text, /erp_product_variants_sku_prefix_idx/);
  t.match(text, /Index Cond: .*sku ~>=~/, 'the prefix is looked up, not filtered by');
});

t.test('lists by the beginning of a code read an index under row-level security, in its order', async (t) => {
  const scope = { tenantId: acme.id, organizationId: acme.organizationIds[0], workspaceId: null };
  const db = plane.router.open(tenantOf(plane.store, acme.id), scope);
  for (const table of ['products', 'designs', 'customers', 'suppliers']) {
    const plan = await db.transaction(async (tx) => {
      await tx.query({ name: 'explain_no_seq', text: `select set_config('enable_seqscan', 'off', true)` });
      const text = `explain select * from erp_${table} t where t.code ~>=~ $1 and t.code ~<~ $2 order by t.code using ~<~`;
      return tx.query<{ 'QUERY PLAN': string }>({ name: `explain_${table}`, text }, beginningWith('ho'));
    });
    const text = plan.map((row) => row['QUERY PLAN']).join('\n');
    t.match(text, `erp_${table}_code_prefix_idx`);
    t.notMatch(text, /Sort/);
  }
});

const skus = (body: { items: { sku: string }[] }): string[] => body.items.map(({ sku }) => sku);
