import { testDatabase } from '@platen/chassis/testkit/database';
import { TaxRate } from '@platen/schema/contracts/data/tax-rates';
import t from 'tap';
import { Compile } from 'typebox/compile';
import { v7 } from 'uuid';
import { openTestPlane } from '../../../testkit/test-plane.js';

const plane = openTestPlane(t, { 'erp-1': await testDatabase(t, 'erp') });
const acme = plane.addTenant('acme', 'erp-1');
const token = plane.token(acme);
const root = '/api/erp/tax-rates';
const call = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object, etag?: string) =>
  plane.call(acme, token, {
    method,
    url,
    ...(payload && { payload }),
    headers: { ...(method === 'POST' && { 'idempotency-key': v7() }), ...(etag && { 'if-match': etag }) },
  });
const rate = (validFrom: string, percent = '19', taxClass = 'Standard') => ({
  tax_class: taxClass,
  name: 'VAT',
  rate_percent: percent,
  valid_from: validFrom,
});

t.test('tax rates: the future may change, the past may not', async (t) => {
  const first = await call('POST', root, rate('2020-01-01'));
  t.match(first, { status: 201, body: { tax_class: 'standard', rate_percent: '19.0000', version: 1 } });
  t.same(Compile(TaxRate).Errors(first.body), []);
  const url = `${root}/${first.body.id}`;
  t.same((await call('GET', url)).body, first.body);
  t.match(await call('POST', root, rate('2020-01-01', '20', 'STANDARD')), { status: 409, body: { code: 'duplicate' } });
  t.match(await call('POST', root, rate('2021-01-01')), { status: 409, body: { code: 'in_use' } }, 'in its midst');
  t.match(await call('POST', root, rate('2019-01-01', '16')), { status: 201 }, 'before there was any');
  t.match(await call('POST', root, rate('2021-01-01', '7', 'reduced')), { status: 201 }, 'another class');

  const later = await call('POST', root, rate('2099-01-01', '21'));
  const scheduled = `${root}/${later.body.id}`;
  t.match(await call('PATCH', scheduled, { rate_percent: '22.5' }, '"1"'), {
    body: { rate_percent: '22.5000', version: 2 },
  });
  t.match(await call('PATCH', scheduled, { name: 'x' }, '"1"'), { status: 412 });
  t.match(await call('PATCH', scheduled, { valid_from: '2020-06-01' }), { status: 409, body: { code: 'in_use' } });
  t.match(await call('PATCH', scheduled, { valid_from: '2020-01-01' }), { status: 409 });

  t.match(await call('PATCH', url, { name: 'Standard rate', rate_percent: '19.00' }), {
    body: { name: 'Standard rate' },
  });
  for (const change of [{ rate_percent: '20' }, { valid_from: '2099-01-02' }, { tax_class: 'other' }]) {
    t.match(await call('PATCH', url, change), { status: 409, body: { code: 'in_use' } });
  }
  t.match(await call('DELETE', url), { status: 409, body: { code: 'in_use' } });
  t.match(await call('DELETE', scheduled), { status: 204 });
  t.match(await call('DELETE', scheduled), { status: 404 });
  const listed = await call('GET', `${root}?tax_class=Standard`);
  t.same(
    listed.body.items.map((item: { valid_from: string }) => item.valid_from),
    ['2019-01-01', '2020-01-01'],
  );
  t.match(await call('PATCH', scheduled, { name: 'x' }), { status: 404 });
  t.match(await call('POST', root, rate('2099-02-30')), { status: 400 });
});
