import { testDatabase } from '@platen/chassis/testkit/database';
import { permissionCodes } from '@platen/schema/permissions';
import t from 'tap';
import { v7 } from 'uuid';
import { openTestPlane } from '../../testkit/test-plane.js';

const plane = openTestPlane(t, { 'erp-1': await testDatabase(t, 'erp') });
const acme = plane.addTenant('acme', 'erp-1');
const all = plane.token(acme);
const eur = (amount: string) => ({ amount, currency: 'EUR' });
type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
const call = (method: Method, path: string, payload?: object, headers: Record<string, string> = {}, token = all) =>
  plane.call(acme, token, { method, url: `/api/erp${path}`, headers, ...(payload && { payload }) });
const made = async (path: string, payload: object) => (await call('POST', path, payload)).body;

const product = await made('/products', { code: 'tee', name: 'Tee', kind: 'blank', base_price: eur('4') });
const variant = await made(`/products/${product.id}/variants`, { sku: 'tee-m', option_values: { size: 'm' } });
const supplier = await made('/suppliers', { code: 'blanks', name: 'Blanks', currency: 'EUR' });
const pair = { supplier_id: supplier.id, variant_id: variant.id };

t.test('terms of suppliers: once for a supplier and a variant, in the supplier’s currency', async (t) => {
  const created = await call('POST', '/supplier-variants', { ...pair, cost: eur('2.35'), lead_days: 4, sku: 'B-1' });
  t.match(created, { status: 201, body: { sku: 'B-1', cost: eur('2.3500'), lead_days: 4, version: 1 } });
  const path = `/supplier-variants/${created.body.id}`;
  t.same((await call('GET', path)).body, created.body);
  for (const query of [`supplier_id=${supplier.id}`, `variant_id=${variant.id}`, `variant_id=${variant.id}&limit=1`]) {
    t.same((await call('GET', `/supplier-variants?${query}`)).body.items, [created.body]);
  }
  t.same((await call('GET', `/supplier-variants?supplier_id=${variant.id}`)).body.items, []);
  const usd = { amount: '1', currency: 'USD' };
  for (const [answer, status, code] of [
    [await call('POST', '/supplier-variants', { ...pair, cost: eur('1'), lead_days: 1 }), 409, 'duplicate'],
    [await call('POST', '/supplier-variants', { ...pair, cost: usd, lead_days: 1 }), 422, 'currency_mismatch'],
    [
      await call('POST', '/supplier-variants', { ...pair, variant_id: v7(), cost: usd, lead_days: 1 }),
      422,
      'unknown_reference',
    ],
    [await call('PATCH', path, { cost: usd }), 422, 'currency_mismatch'],
    [await call('PATCH', path, { cost: usd }, { 'if-match': '"9"' }), 412, 'version_mismatch'],
    [await call('PATCH', path, { lead_days: 366 }), 400, 'validation_failed'],
    [await call('PATCH', `/suppliers/${supplier.id}`, { currency: 'USD' }), 409, 'in_use'],
  ] as const) {
    t.match(answer, { status, body: { code } });
  }
  t.equal((await call('PATCH', `/suppliers/${supplier.id}`, { currency: 'EUR', name: 'Blanks Ltd' })).status, 200);
  t.match((await call('PATCH', path, { cost: eur('2'), sku: null }, { 'if-match': '"1"' })).body, {
    cost: eur('2.0000'),
    sku: null,
    lead_days: 4,
    version: 2,
  });
  const other = await made('/suppliers', { code: 'other', name: 'Other', currency: 'EUR' });
  const gone = await made('/supplier-variants', { ...pair, supplier_id: other.id, cost: eur('1'), lead_days: 1 });
  t.equal((await call('DELETE', `/supplier-variants/${gone.id}`)).status, 204);
  t.equal((await call('DELETE', `/supplier-variants/${gone.id}`)).status, 404);
  t.equal((await call('PATCH', `/suppliers/${other.id}`, { currency: 'USD' })).status, 200);
});

const newOrder = async () => {
  const order = await made('/purchase-orders', {
    supplier_id: supplier.id,
    lines: [{ variant_id: variant.id, quantity: '10' }],
  });
  return { order, path: `/purchase-orders/${order.id}` };
};

t.test('approval by the token’s permissions; a delivery sent twice is one', async (t) => {
  const { path, order } = await newOrder();
  const buyer = v7();
  const without = (...lacking: string[]) => permissionCodes.filter((code) => !lacking.includes(code));
  const own = plane.token(acme, { sub: buyer, permissions: without('erp.purchase_order.approve_own') });
  t.equal((await call('POST', `${path}/submit`, undefined, {}, own)).status, 200);
  t.match(await call('POST', `${path}/approve`, undefined, {}, own), {
    status: 403,
    body: { code: 'own_document', permission: 'erp.purchase_order.approve_own' },
  });
  // As an override denies it: the permission is not in the token.
  const denied = plane.token(acme, { permissions: without('erp.purchase_order.approve') });
  t.match(await call('POST', `${path}/approve`, undefined, {}, denied), {
    status: 403,
    body: { code: 'permission_denied', permission: 'erp.purchase_order.approve' },
  });
  const withOwn = plane.token(acme, { sub: buyer, permissions: permissionCodes });
  t.match(await call('POST', `${path}/approve`, undefined, {}, withOwn), { status: 200, body: { approved_by: buyer } });

  const body = { lines: [{ purchase_order_line_id: order.lines[0].id, quantity: '6' }] };
  const key = { 'idempotency-key': v7() };
  const first = await call('POST', `${path}/receipts`, body, key);
  t.match(first, { status: 201, body: { purchase_order: { status: 'partially_received' } } });
  const again = await call('POST', `${path}/receipts`, body, key);
  t.match(again, { status: 201, headers: { 'idempotent-replayed': 'true' } });
  t.same(again.body, first.body);
  t.equal((await call('GET', `${path}/receipts`)).body.items.length, 1);
  const levels = (await call('GET', `/stock/levels?variant_id=${variant.id}`)).body.items;
  t.match(levels, [{ on_hand: /^6(\.0+)?$/ }]);
});

t.test('another organization, another tenant: nothing there', async (t) => {
  const { path } = await newOrder();
  const elsewhere = plane.token(acme, { org: acme.organizationIds[1] });
  const globex = plane.addTenant('globex', 'erp-1');
  for (const [tenant, token] of [
    [acme, elsewhere],
    [globex, plane.token(globex)],
  ] as const) {
    for (const [method, at] of [
      ['GET', path],
      ['GET', `${path}/match`],
      ['POST', `${path}/submit`],
      ['POST', `${path}/reopen`],
    ] as const) {
      const answer = await plane.call(tenant, token, { method, url: `/api/erp${at}` });
      t.match(answer, { status: 404, body: { code: 'not_found' } });
    }
    const payload = { supplier_id: supplier.id, lines: [{ variant_id: variant.id, quantity: '1' }] };
    const create = await plane.call(tenant, token, { method: 'POST', url: '/api/erp/purchase-orders', payload });
    t.match(create, { status: 422, body: { code: 'unknown_reference' } });
  }
});
