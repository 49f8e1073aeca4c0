import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers';
import t from 'tap';
import type { TenantCtx } from '../../module.js';
import { matchHeader } from './columns.js';
import { importRows, noCounts } from './import.js';
import { planStep } from './plan-step.js';
import { readCsv } from './read-csv.js';
import { readRow } from './rows.js';

const settings = { decimal: 'point', weightUnit: 'g' } as const;
const header = matchHeader(['style', 'sku', 'price', 'options']);

t.test('a price of many spaces is refused at once: no pattern goes over it again and again', async (t) => {
  const spaces = ' '.repeat(60_000);
  for (const price of [`1${spaces}x`, `€${spaces}x\ny`, `EUR${spaces}1${spaces}x\nEUR`]) {
    t.throws(() => readRow(['g500', 'g500-m', price], 2, header, settings), { column: 'price', code: 'invalid' });
  }
  for (const price of ['€ 2.90', '2.90 €', 'EUR 2.90', '$2.90', '2.90CHF', '2.90']) {
    t.equal(readRow(['g500', 'g500-m', price], 2, header, settings).price, '2.9000', price);
  }
});

t.test('an option may be called what every object has', async (t) => {
  const row = readRow(['g500', 'g500-m', '2.90', '{"constructor":"slim","toString":"x"}'], 2, header, settings);
  const product = { id: 'p', code: 'g500', name: 'g500', brand: null, description: null, category_id: null };
  const found = {
    styles: new Map(),
    products: new Map([
      [
        'g500',
        {
          ...product,
          status: 'active',
          kind: 'blank',
          tax_class: 'standard',
          currency: 'EUR',
          options: [],
          version: 1,
        },
      ],
    ]),
    variants: new Map([
      [
        'g500-m',
        {
          id: 'v',
          product_id: 'p',
          sku: 'g500-m',
          option_values: {},
          gtin: null,
          cost: null,
          price: '2.9000',
          weight_g: null,
          status: 'active',
          version: 1,
        },
      ],
    ]),
  };
  const plan = planStep([row], found, {
    currency: 'EUR',
    productStatus: 'active',
    categoryOf: () => null,
    newId: () => 'new',
  });
  t.match(plan.changedVariants, [{ option_values: { constructor: 'slim', toString: 'x' } }]);
});

t.test('half a surrogate pair, which no database keeps, costs its row and not the import', async (t) => {
  for (const options of ['{"fit":"\\ud800"}', '{"\\udc00":"slim"}']) {
    t.throws(() => readRow(['g500', 'g500-m', '', options], 2, header, settings), {
      column: 'options',
      code: 'invalid',
    });
  }
});

t.test('however short its rows, a file leaves turns to everybody else', async (t) => {
  const rows = 20_000;
  const csv = await readCsv(Readable.from([Buffer.from(`style,sku\n${',1\n'.repeat(rows)}`)]));
  const records = csv.records[Symbol.asyncIterator]();
  const names = (await records.next()).value;
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const counts = noCounts();
  const owner = { tenantId: 't', organizationId: 'o' };
  const plan = { currency: 'EUR', productStatus: 'active', categoryOf: () => null, newId: () => 'new' };
  await importRows(
    // No row is taken, so no step asks for a database.
    {} as TenantCtx,
    matchHeader(names),
    { [Symbol.asyncIterator]: () => records },
    { ...settings, ...plan, owner, dryRun: true },
    counts,
    () => {},
  );
  isOver = true;
  t.match(counts, { rows, refused: rows });
  t.ok(turns >= rows / 500, `${turns} turns`);
});
