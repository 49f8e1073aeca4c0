import { testDatabase } from '@platen/chassis/testkit/database';
import { Customer, customers } from '@platen/schema/contracts/data/customers';
import t from 'tap';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { openTestPlane } from '../../testkit/test-plane.js';

const plane = openTestPlane(t, { 'erp-1': await testDatabase(t, 'erp') });
const acme = plane.addTenant('acme', 'erp-1');
const token = plane.token(acme);
const call = (method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object, headers?: Record<string, string>) =>
  plane.call(acme, token, { method, url, ...(payload && { payload }), ...(headers && { headers }) });
const fits = (schema: TSchema, value: unknown): string =>
  [...Compile(schema).Errors(value)].map((error) => `${error.instancePath} ${error.message}`).join('; ');
const address = { kind: 'billing', line1: 'Main St 1', city: 'Köln "am" Rhein', country: 'DE' };

t.test('a customer: created, read, changed', async (t) => {
  const created = await call('POST', '/api/erp/customers', {
    code: 'C-100',
    name: 'Zoë’s \\ "Café"',
    email: 'Zoe@Example.TEST',
    customer_group: 'VIP',
    addresses: [address],
  });
  t.equal(created.status, 201);
  t.equal(fits(Customer, created.body), '', 'the answer is what the contract says');
  t.match(created.body, { code: 'c-100', email: 'zoe@example.test', customer_group: 'vip', currency: 'EUR' });
  t.same(created.body.addresses, [address]);
  t.equal(created.body.name, 'Zoë’s \\ "Café"');
  const url = `/api/erp/customers/${created.body.id}`;
  t.same((await call('GET', url)).body, created.body);

  const changed = await call('PATCH', url, { email: null, tax_exempt: true }, { 'if-match': '"1"' });
  t.match(changed.body, { email: null, tax_exempt: true, customer_group: 'vip', version: 2 });
  t.same(changed.body.addresses, [address], 'what is not given stays');
  t.equal(fits(Customer, changed.body), '');
  t.equal(changed.headers['etag'], '"2"');
  t.match((await call('PATCH', url, { addresses: [] })).body, { addresses: [], version: 3 });
  t.match(await call('PATCH', url, { name: 'x' }, { 'if-match': '"2"' }), {
    status: 412,
    body: { code: 'version_mismatch' },
  });
  t.match(await call('POST', '/api/erp/customers', { code: 'c-100', name: 'x' }), {
    status: 409,
    body: { code: 'duplicate' },
  });
  t.match(await call('PATCH', url, { name: 'half a pair: \ud800' }), {
    status: 400,
    body: { code: 'validation_failed' },
  });
  const nobody = '01930000-0000-7000-8000-00000000dead';
  t.match(await call('PATCH', `/api/erp/customers/${nobody}`, { name: 'x' }), { status: 404 });
});

t.test('changes of one version at once: one wins', async (t) => {
  const { id } = (await call('POST', '/api/erp/customers', { code: 'race', name: 'Race' })).body;
  const change = (name: string) => call('PATCH', `/api/erp/customers/${id}`, { name }, { 'if-match': '"1"' });
  const answers = await Promise.all(['a', 'b', 'c', 'd'].map(change));
  t.same(answers.map(({ status }) => status).sort(), [200, 412, 412, 412]);
  t.equal((await call('GET', `/api/erp/customers/${id}`)).body.version, 2);
});

t.test('lists by group', async (t) => {
  for (const code of ['g1', 'g2', 'g3']) {
    await call('POST', '/api/erp/customers', { code, name: code, customer_group: 'schools' });
  }
  const page = await call('GET', '/api/erp/customers?customer_group=Schools&limit=2');
  t.equal(fits(customers.list.response, page.body), '');
  t.same(
    page.body.items.map((item: { code: string }) => item.code),
    ['g3', 'g2'],
  );
  const next = await call('GET', `/api/erp/customers?customer_group=schools&limit=2&cursor=${page.body.next_cursor}`);
  t.same([next.body.items.length, next.body.next_cursor], [1, null]);
});

t.test('what does not fit the contract writes nothing', async (t) => {
  const refused = async (payload: object, path: string) => {
    const answer = await call('POST', '/api/erp/customers', payload);
    t.match(answer, { status: 400, body: { code: 'validation_failed' } }, path);
    t.ok(
      answer.body.errors.some((error: { path: string }) => error.path === path),
      JSON.stringify(answer.body.errors),
    );
  };
  await refused({ code: 'x1', name: 'x', colour: 'red' }, '/body/colour');
  await refused({ code: 'x1', name: 7 }, '/body/name');
  await refused({ code: 'İ', name: 'x' }, '/body/code');
  await refused({ code: 'x1', name: 'x', addresses: [{ ...address, country: 'de' }] }, '/body/addresses/0/country');
  t.match(await call('POST', '/api/erp/customers', { code: 'x1', name: 'x' }), { status: 201 });
});
