import { Readable } from 'node:stream';
import { testDatabase } from '@platen/chassis/testkit/database';
import { ImportLine } from '@platen/schema/contracts/data/catalog-transfer';
import t from 'tap';
import { Compile } from 'typebox/compile';
import { openTestPlane } from '../../../testkit/test-plane.js';

const plane = openTestPlane(t, { 'erp-1': await testDatabase(t, 'erp') });
const acme = plane.addTenant('acme', 'erp-1');
const globex = plane.addTenant('globex', 'erp-1');
const line = Compile(ImportLine);

async function send(csv: string | Buffer | Readable, query = '', tenant = acme) {
  const answer = await plane.call(tenant, plane.token(tenant), {
    method: 'POST',
    url: `/api/erp/catalog/import${query}`,
    headers: { 'content-type': 'text/csv' },
    payload: csv,
  });
  const lines =
    answer.status === 200
      ? answer.text
          .trimEnd()
          .split('\n')
          .map((text) => JSON.parse(text))
      : [];
  t.same(
    lines.filter((each) => !line.Check(each)),
    [],
    'every line is what the contract says',
  );
  return {
    ...answer,
    lines,
    refused: lines.filter(({ type }) => type === 'refused'),
    last: lines.at(-1),
  };
}
const get = (url: string, tenant = acme) => plane.call(tenant, plane.token(tenant), { method: 'GET', url });
const variantsOf = async (prefix: string) => (await get(`/api/erp/variants?sku_prefix=${prefix}&limit=200`)).body.items;

const supplier = [
  'Style Number,Brand Name,Product Title,Color Name,Size,Piece Price,Case Price,UPC,SKU,Weight (lb),Warehouse',
  'G500,Gildan,"Heavy Tee, 100% cotton",Black,M,2.9,2.5,00821780003490,G500-BLK-M,0.36,A',
  'G500,Gildan,"Heavy Tee, 100% cotton",Black,2XL,4.15,3.9,,G500-BLK-2XL,0.48,A',
  'PC61,Port & Co,"Essential 5"" Tee\nlong",Navy,S,3.10,,,PC61-NVY-S,,B',
].join('\r\n');

t.test('a supplier’s file becomes products and variants; the same file again changes nothing', async (t) => {
  const dry = await send(supplier, '?dry_run=true');
  const first = await send(supplier);
  t.match(first.headers['content-type'], /x-ndjson/);
  t.match(first.lines[0], {
    type: 'header',
    delimiter: ',',
    columns: { style: 'Style Number', cost: 'Piece Price', gtin: 'UPC', weight_g: 'Weight (lb)' },
    unknown_columns: ['Case Price', 'Warehouse'],
  });
  const counts = {
    products: { created: 2, updated: 0, unchanged: 0 },
    variants: { created: 3, updated: 0, unchanged: 0 },
  };
  t.match(first.last, { type: 'summary', dry_run: false, rows: 3, refused: 0, ...counts });
  t.match(dry.last, { dry_run: true, rows: 3, refused: 0, ...counts }, 'a dry run says the same and writes nothing');
  t.match(await variantsOf('g500'), [
    { sku: 'g500-blk-2xl', option_values: { colour: 'Black', size: '2XL' }, gtin: null, weight_g: 218 },
    { sku: 'g500-blk-m', cost: { amount: '2.9000', currency: 'EUR' }, gtin: '00821780003490', weight_g: 163 },
  ]);
  const again = await send(supplier);
  t.match(again.last, {
    products: { created: 0, unchanged: 2, updated: 0 },
    variants: { created: 0, updated: 0, unchanged: 3 },
  });
  const changed = await send(supplier.replace('4.15', '4.20').replace('Port & Co', 'Port'));
  t.match(changed.last, { products: { updated: 1, unchanged: 1 }, variants: { updated: 1, unchanged: 2 } });
  t.match((await send(supplier, '', globex)).last, { products: { created: 2 } }, 'another tenant has its own');
});

t.test('refused rows say why and stop no others', async (t) => {
  const csv = [
    'style;colour;size;price;ean;sku;kind',
    'r1;red;S;1,5;4006381333931;r1-s;',
    'r1;red;M;1,5;4006381333932;r1-m;',
    'r1;red;L;1.5;;r1-l;',
    'r1;red;XL;;4006381333931;r1-xl;',
    'r1;blue;S;1;;r1-s;',
    ';blue;S;1;;x-s;',
    'r2;blue;S;;;r2-s;',
    'r1;blue;M;1;;G500-BLK-M;',
    'r1;blue;L;1;4.00638E+12;r1-bl;',
    'r1;blue;L;1;;r1 bl!;',
    'r1;blue;L;1;;r1-b3;;surplus',
    'r1;blue;L;1;;r1-b4;fabric',
    'r1;green;L;1,12345;;r1-b5;',
    'r1;green;XL;-1;;r1-b6;',
    `r1;${'x'.repeat(65)};XL;1;;r1-b7;`,
    'r1;gr\u0007een;XL;1;;r1-b8;',
    'r1;green;S;3;;;',
  ].join('\n');
  const { refused, last } = await send(csv, '?decimal=comma');
  t.same(
    refused.map(({ row, column, code }) => [row, column, code]).sort((a, b) => a[0] - b[0]),
    [
      [3, 'gtin', 'gtin_invalid'],
      [4, 'price', 'invalid'],
      [5, 'gtin', 'duplicate_gtin'],
      [6, 'sku', 'duplicate_sku'],
      [7, 'style', 'required'],
      [8, 'price', 'required'],
      [9, 'sku', 'sku_taken'],
      [10, 'gtin', 'gtin_invalid'],
      [11, 'sku', 'invalid'],
      [12, null, 'too_many_cells'],
      [13, 'kind', 'invalid'],
      [14, 'price', 'invalid'],
      [15, 'price', 'invalid'],
      [16, 'colour', 'too_long'],
      [17, 'colour', 'invalid'],
    ],
  );
  t.match(last, { type: 'summary', rows: 17, refused: 15, products: { created: 1 }, variants: { created: 2 } });
  t.match(
    (await variantsOf('r1')).map(({ sku }: { sku: string }) => sku),
    ['r1-green-s', 'r1-s'],
    'a SKU is made where none is given',
  );
});

t.test('more refusals than are listed are counted', async (t) => {
  const csv = `style,sku,price\n${'x,y!,1\n'.repeat(1_200)}`;
  const { refused, last } = await send(csv, '?dry_run=true');
  t.equal(refused.length, 1_000);
  t.match(last, { refused: 1_200, refused_listed: 1_000 });
});

t.test('files that cannot be read', async (t) => {
  const header = 'style,sku,price\n';
  t.match(await send(''), { status: 400, body: { code: 'malformed_body' } });
  t.match(await send(Buffer.from(`\ufeff${header}`, 'utf16le')), { status: 400, body: { detail: /UTF-16/ } });
  t.match(await send(Buffer.from(`${header}stÿle,1,1\n`, 'latin1')), { status: 400, body: { detail: /Windows-1252/ } });
  t.match(await send('sku,price\na,1\n'), { status: 400, body: { errors: [{ path: '/file/style' }] } });
  t.match(await send(`${header}a,"a,1\n`), { status: 400, body: { code: 'malformed_body' } }, 'an open quote');
  const valid = Array.from({ length: 8 }, (_, part) =>
    Array.from({ length: 1_000 }, (_, i) => `late,late-${part}-${i},1\n`).join(''),
  );
  const late = [Buffer.from(`\ufeff${header}`), ...valid.map((text) => Buffer.from(text)), Buffer.from([0xff])];
  t.match((await send(Readable.from(late))).last, { type: 'failed', code: 'malformed_body' });
  t.equal((await variantsOf('late')).length, 200, 'what was done before stands; the mark of UTF-8 is none of a name');
  t.match(await send(`${header}a,a-1,1`, '?currency=USD'), { status: 422, body: { code: 'currency_mismatch' } });
  const nobody = '01930000-0000-7000-8000-00000000dead';
  t.match(await send(`${header}a,a-1,1`, `?category_id=${nobody}`), {
    status: 422,
    body: { code: 'unknown_reference' },
  });
  t.match(await send(`${header}a,a-1,1`, '?colour=red'), { status: 400, body: { code: 'validation_failed' } });
});

t.test('categories and options: what is known is used, what is not is told', async (t) => {
  const post = (url: string, payload: object) => plane.call(acme, plane.token(acme), { method: 'POST', url, payload });
  const caps = (await post('/api/erp/categories', { code: 'caps', name: 'Caps & Hats' })).body.id;
  const csv = 'style,sku,price,category\nc1,c1-a,1,CAPS & hats\nc2,c2-a,1,Bags\nc3,c3-a,1,';
  t.match((await send(csv)).last, { unknown_categories: ['Bags'] });
  const found = (await get(`/api/erp/products?category_id=${caps}`)).body.items;
  t.same(
    found.map(({ code }: { code: string }) => code),
    ['c1'],
  );
  const options = [{ name: 'colour', values: ['Red'] }];
  await post('/api/erp/products', {
    code: 'd1',
    name: 'Declared',
    kind: 'blank',
    base_price: { amount: '1', currency: 'EUR' },
    options,
  });
  const { refused, last } = await send('style,sku,colour,size\nd1,d1-a,Red,\nd1,d1-b,Blue,\nd1,d1-c,,\nd1,d1-d,Red,L');
  t.same(
    refused.map(({ row, column, code }) => [row, column, code]),
    [
      [3, 'colour', 'option_unknown'],
      [4, 'colour', 'option_unknown'],
      [5, 'size', 'option_unknown'],
    ],
  );
  t.match(last, { variants: { created: 1 }, products: { unchanged: 1 } });
});

t.test('an export taken in again changes nothing, formulas and spaces included', async (t) => {
  const csv = [
    'style,name,brand,description,sku,colour,size,options,price,cost',
    `f1,"=HYPERLINK(""x"")",+brand,"- first\n@second, ""third""",f1-a,@red,'=S,"{""fit"":""slim"",""=x"":""-y""}",3,1.25`,
    `f1,,,,f1-b,''-x, L ,,4.5,`,
  ].join('\n');
  t.match((await send(csv)).last, { refused: 0, variants: { created: 2 } });
  const before = await variantsOf('f1');
  t.match(before[0], {
    option_values: { colour: '@red', size: '=S', fit: 'slim', '=x': '-y' },
    price_delta: { amount: '0.0000' },
  });
  t.match(before[1], { option_values: { size: 'L' }, price_delta: { amount: '1.5000' } });
  const exported = await get('/api/erp/catalog/export');
  t.match(exported, { status: 200, headers: { 'content-type': /^text\/csv/, 'content-disposition': /attachment/ } });
  t.match(exported.text, /"'=HYPERLINK\(""x""\)"/);
  t.notMatch(exported.text, /(?:^|,|\r\n)"?[=+@\-\t]/, 'no cell is a formula');
  const again = await send(exported.text);
  t.match(again.last, {
    refused: 0,
    products: { created: 0, updated: 0 },
    variants: { created: 0, updated: 0, unchanged: again.last.rows },
  });
  t.ok(again.last.rows > 5);
  t.same(await variantsOf('f1'), before);
  const active = await get('/api/erp/catalog/export?category_code=caps');
  t.equal(active.text.trimEnd().split('\r\n').length, 2);
  t.match(await get('/api/erp/catalog/export?category_code=none'), { status: 422 });
  const elsewhere = await get('/api/erp/catalog/export', globex);
  t.notMatch(elsewhere.text, /f1-a/, 'no row of another tenant');
  t.match(elsewhere.text, /g500-blk-m/);
});

t.test('many rows: counted alike dry, new, again and changed; one import at a time', async (t) => {
  const rows = 1_500;
  const file = (price: string) =>
    `style,name,sku,colour,size,price\n${Array.from({ length: rows }, (_, i) => `m${i % 40},Many ${i % 40},many-${i},c${i % 9},s${i % 7},${price}`).join('\n')}`;
  const run = async (what: string, csv: string, query = '') => {
    const startedAt = performance.now();
    const [{ last }, others] = await Promise.all([send(csv, query), send(csv, query)]);
    t.comment(`measured: ${Math.round(rows / ((performance.now() - startedAt) / 1_000))} rows/s, ${what}`);
    t.match(others, { status: 429, body: { code: 'busy' } });
    return last;
  };
  const created = { products: { created: 40 }, variants: { created: rows }, refused: 0 };
  t.match(await run('dry run', file('1'), '?dry_run=true'), created);
  t.match(await run('created', file('1')), created);
  t.match(await run('unchanged', file('1')), { products: { unchanged: 40 }, variants: { unchanged: rows } });
  t.match(await run('updated', file('2')), { products: { unchanged: 40 }, variants: { updated: rows } });
});
