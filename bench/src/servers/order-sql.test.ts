import { OrderSummary } from '@platen/schema/contracts/data/orders';
import t from 'tap';

// The statements are built from the contracts when the module loads: a field that the contract got and they did not is an
// error there, which only a run of the measurements would show otherwise.
t.test('the baselines select what the product answers', async (t) => {
  const { plainListJson, plainListRows, plainOrder, securedOrder } = await import('./order-sql.js');
  for (const sql of [plainListJson, plainListRows, plainOrder, securedOrder]) t.match(sql, /^select /);
});

t.test('rows have a column for each field of the answer', async (t) => {
  const { plainListRows } = await import('./order-sql.js');
  const [, columns = ''] = /^select (.*?)\sfrom /s.exec(plainListRows) ?? [];
  const names = columns.split(',').map((column) => column.trim().replace(/^.* as /, ''));
  t.same(names.sort(), Object.keys(OrderSummary.properties).sort());
});
