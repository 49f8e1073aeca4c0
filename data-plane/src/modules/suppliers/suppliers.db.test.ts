import { testDatabase } from '@platen/chassis/testkit/database';
import { Supplier } from '@platen/schema/contracts/data/suppliers';
import t from 'tap';
import { Compile } from 'typebox/compile';
import { openTestPlane } from '../../testkit/test-plane.js';

const plane = openTestPlane(t, { 'erp-1': await testDatabase(t, 'erp') });
const acme = plane.addTenant('acme', 'erp-1');
const token = plane.token(acme);
const call = (method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object, headers?: Record<string, string>) =>
  plane.call(acme, token, { method, url, ...(payload && { payload }), ...(headers && { headers }) });

t.test('suppliers: created, read, changed, listed', async (t) => {
  const address = { kind: 'billing', line1: '1 Mill Lane', city: 'Derby', country: 'GB' };
  const body = {
    code: 'ALPHA',
    name: 'Alpha Blanks',
    email: 'Orders@Alpha.test',
    currency: 'GBP',
    addresses: [address],
  };
  const created = await call('POST', '/api/erp/suppliers', body);
  t.match(created, { status: 201, body: { code: 'alpha', email: 'orders@alpha.test', currency: 'GBP', version: 1 } });
  t.same([...Compile(Supplier).Errors(created.body)], []);
  t.same(created.body.addresses, [address]);
  const url = `/api/erp/suppliers/${created.body.id}`;
  t.same((await call('GET', url)).body, created.body);

  const changed = await call('PATCH', url, { name: 'Alpha', email: null }, { 'if-match': '"1"' });
  t.match(changed.body, { name: 'Alpha', email: null, currency: 'GBP', version: 2 });
  t.match(await call('PATCH', url, { name: 'x' }, { 'if-match': '"1"' }), { status: 412 });
  const taken = { status: 409, body: { code: 'duplicate', errors: [{ path: '/body/code' }] } };
  t.match(await call('POST', '/api/erp/suppliers', { code: 'Alpha', name: 'again' }), taken);
  const beta = await call('POST', '/api/erp/suppliers', { code: 'beta', name: 'Beta' });
  t.match(beta.body, { currency: 'EUR', email: null, addresses: [] }, 'in the currency of the organization');
  t.match(await call('PATCH', `/api/erp/suppliers/${beta.body.id}`, { code: 'ALPHA' }), taken);
  t.match(await call('POST', '/api/erp/suppliers', { code: 'x', name: 'x', customer_group: 'y' }), { status: 400 });

  await call('POST', '/api/erp/suppliers', { code: 'alpine', name: 'Alpine' });
  const codes = async (query: string) =>
    (await call('GET', `/api/erp/suppliers?${query}`)).body.items.map(({ code }: { code: string }) => code);
  t.same(await codes(''), ['alpine', 'beta', 'alpha'], 'newest first');
  t.same(await codes('code_prefix=ALP'), ['alpha', 'alpine']);
  t.equal((await call('GET', '/api/erp/suppliers/01930000-0000-7000-8000-00000000dead')).status, 404);
});

t.test('suppliers are sold with purchasing', async (t) => {
  const { token: issue } = plane;
  const denied = await plane.call(acme, issue(acme, { permissions: ['erp.supplier.read'] }), {
    method: 'POST',
    url: '/api/erp/suppliers',
    payload: { code: 'x', name: 'x' },
  });
  t.match(denied, { status: 403, body: { code: 'permission_denied' } });
  const globex = plane.addTenant('globex', 'erp-1', { modules: [{ code: 'erp.catalog', valid_until: null }] });
  const answer = await plane.call(globex, issue(globex), { method: 'GET', url: '/api/erp/suppliers' });
  t.match(answer, { status: 403, body: { code: 'module_unavailable' } });
});
