import { statement } from '@platen/chassis/db/statement';
import { testDatabase } from '@platen/chassis/testkit/database';
import { Simulation, VerifiedReceipt } from '@platen/schema/contracts/data/pricing';
import t from 'tap';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { v7 } from 'uuid';
import { openTestPlane, tenantOf } from '../../../testkit/test-plane.js';
import { canonicalJson, sha256 } from '../index.js';

const plane = openTestPlane(t, { 'erp-1': await testDatabase(t, 'erp') });
const acme = plane.addTenant('acme', 'erp-1');
const token = plane.token(acme);
const erp = '/api/erp';
const call = (method: 'GET' | 'POST' | 'PATCH' | 'PUT', url: string, payload?: object) =>
  plane.call(acme, token, {
    method,
    url: `${erp}${url}`,
    ...(payload && { payload }),
    headers: method === 'POST' ? { 'idempotency-key': v7() } : {},
  });
async function made(url: string, payload: object) {
  const answer = await call('POST', url, payload);
  if (answer.status !== 201) throw new Error(`${url}: ${answer.text}`);
  return answer.body;
}
const fits = (schema: TSchema, value: unknown): string =>
  [...Compile(schema).Errors(value)].map((error) => `${error.instancePath} ${error.message}`).join('; ');
const eur = (amount: string) => ({ amount, currency: 'EUR' });
const office = () =>
  plane.router.open(tenantOf(plane.store, acme.id), {
    tenantId: acme.id,
    organizationId: acme.organizationIds[0],
    workspaceId: null,
  });

const base = { code: 'base', kind: 'base_price', conditions: {}, effect: { type: 'catalogue' } };
const off = (value: string) => ({
  code: 'off',
  kind: 'quantity_tier',
  conditions: { count: 'line' },
  effect: { type: 'percent_off', tiers: [{ from: 12, value }] },
});

async function openShop() {
  await made('/tax-rates', { tax_class: 'standard', name: 'VAT', rate_percent: '19', valid_from: '2020-01-01' });
  const product = await made('/products', {
    code: 'tee',
    name: 'Tee',
    status: 'active',
    kind: 'blank',
    base_price: eur('10'),
  });
  const [known, unknown] = [
    await made(`/products/${product.id}/variants`, { sku: 'tee-m', option_values: { size: 'M' }, cost: eur('4') }),
    await made(`/products/${product.id}/variants`, { sku: 'tee-l', option_values: { size: 'L' } }),
  ];
  const customer = await made('/customers', { code: 'c', name: 'C', email: 'c@customers.test' });
  const set = await made('/pricing/rule-sets', { code: 'list', name: 'List' });
  await call('PUT', `/pricing/rule-sets/${set.id}/rules`, { rules: [base, off('5')] });
  const published = await made(`/pricing/rule-sets/${set.id}/publish`, {});
  const line = (variant: { id: string }, quantity: number) => ({
    product_id: product.id,
    sizes: [{ variant_id: variant.id, quantity }],
  });
  return { set, version: published.published, customer, product, known, unknown, line };
}
const shop = await openShop();
const simulate = (body: object) => call('POST', '/pricing/simulate', body);

t.test('a drafted list over a basket: old, new, difference, margin', async (t) => {
  const { set, line, known, unknown, version, customer } = shop;
  await call('PUT', `/pricing/rule-sets/${set.id}/rules`, { rules: [base, off('10')] });
  const basket = { customer_id: customer.id, lines: [line(known, 20)] };
  const answer = await simulate({ rule_set_id: set.id, basket });
  t.equal(fits(Simulation, answer.body), '');
  const comparison = {
    old: eur('190.0000'),
    new: eur('180.0000'),
    difference: eur('-10.0000'),
    cost: eur('80.0000'),
    old_margin: eur('110.0000'),
    new_margin: eur('100.0000'),
  };
  t.same(answer.body.totals, { documents: 1, compared: 1, comparison });
  t.match(answer.body.products, [{ pieces: 20, comparison }]);
  t.match(answer.body.customers, [{ customer_id: customer.id, comparison }]);
  const same = await simulate({ rule_set_version_id: version.id, basket });
  t.match(same.body.totals.comparison, { difference: eur('0.0000') }, 'the version in force changes nothing');
  const noCost = await simulate({ rule_set_id: set.id, basket: { lines: [line(known, 20), line(unknown, 1)] } });
  t.match(noCost.body.totals.comparison, { cost: null, old_margin: null, new: eur('190.0000') });
});

t.test('over the quotes of a period, in pages', async (t) => {
  const { set, line, known, customer, product } = shop;
  for (const quantity of [12, 24, 5])
    await made('/quotes', { customer_id: customer.id, lines: [line(known, quantity)] });
  const period = { from: '2020-01-01', to: '2099-12-31' };
  t.match((await simulate({ rule_set_id: set.id, quotes: period })).body.documents, [], 'drafts are nobody’s price');
  await office().leased.query(sentNow);
  const answer = await simulate({ rule_set_id: set.id, quotes: period });
  t.equal(fits(Simulation, answer.body), '');
  t.match(answer.body.totals, {
    documents: 3,
    compared: 3,
    comparison: { old: eur('392.0000'), new: eur('374.0000') },
  });
  t.match(answer.body.products, [{ product_id: product.id, pieces: 41 }]);

  const first = await simulate({ rule_set_id: set.id, quotes: { ...period, limit: 2 } });
  const { next_cursor: cursor, documents } = first.body;
  const second = await simulate({ rule_set_id: set.id, quotes: { ...period, limit: 2, cursor } });
  t.equal(second.body.next_cursor, null);
  t.same([...documents, ...second.body.documents], answer.body.documents, 'nothing twice, nothing left out');
  t.match(await simulate({ rule_set_id: set.id, quotes: { ...period, to: '2098-12-31', cursor } }), {
    status: 400,
    body: { code: 'invalid_cursor' },
  });
  const elsewhere = await simulate({ rule_set_id: set.id, quotes: { from: '2020-01-01', to: '2020-12-31' } });
  t.same(elsewhere.body.documents, []);

  await call('PUT', `/pricing/rule-sets/${set.id}/rules`, { rules: [] });
  const unpriced = await simulate({ rule_set_id: set.id, quotes: period });
  t.match(unpriced.body.totals, { documents: 3, compared: 0 });
  t.match(unpriced.body.documents[0], { comparison: { new: null, difference: null }, refusal: /base price/ });
  await call('PUT', `/pricing/rule-sets/${set.id}/rules`, { rules: [base, off('10')] });
});
const sentNow = statement<never>('test.sent_now', `update erp_quotes set status = 'sent'`);

t.test('what is not one question is refused', async (t) => {
  const { set, version, line, known } = shop;
  const basket = { lines: [line(known, 1)] };
  const quotes = { from: '2020-01-01', to: '2020-12-31' };
  t.match(await simulate({ basket }), { status: 400 });
  t.match(await simulate({ rule_set_id: set.id, rule_set_version_id: version.id, basket }), { status: 400 });
  t.match(await simulate({ rule_set_id: set.id }), { status: 400 });
  t.match(await simulate({ rule_set_id: set.id, basket, quotes }), { status: 400 });
  t.match(await simulate({ rule_set_id: set.id, quotes: { from: '2021-01-01', to: '2020-01-01' } }), { status: 400 });
  t.match(await simulate({ rule_set_id: acme.id, basket }), { status: 422, body: { code: 'unknown_reference' } });
  t.match(await simulate({ rule_set_version_id: acme.id, basket }), { status: 422 });
  const swiss = await made('/pricing/rule-sets', { code: 'swiss', name: 'CH', currency: 'CHF' });
  t.match(await simulate({ rule_set_id: swiss.id, basket }), { status: 422, body: { code: 'currency_mismatch' } });
});

t.test('a receipt again: it holds, or the answer says what differs', async (t) => {
  const { line, known, version } = shop;
  const priced = await call('POST', '/pricing/price', { lines: [line(known, 12)] });
  const [{ receipt, receipt_hash: hash }] = priced.body.lines;
  const text = JSON.stringify(receipt);
  const verify = async (given: string, of = sha256(given)) => {
    const answer = await call('POST', '/pricing/verify', { receipt: given, receipt_hash: of });
    t.equal(answer.status, 200);
    t.equal(fits(VerifiedReceipt, answer.body), '');
    return answer.body;
  };
  t.same(await verify(text, hash), {
    verified: true,
    reason: null,
    detail: null,
    rule_set_version_id: version.id,
    differences: [],
  });
  t.match(await verify(text.replace('"12"', '"13"'), hash), { verified: false, reason: 'hash_mismatch' });
  t.match(await verify('{}'), { reason: 'not_a_receipt' });
  const cheaper = canonicalJson({ ...receipt, line_total: '1.0000' });
  t.match(await verify(cheaper), {
    verified: false,
    reason: 'other_result',
    differences: [{ path: '/line_total', receipt: '"1.0000"', replayed: '"114.0000"' }],
  });
  t.match(await verify(canonicalJson({ ...receipt, rule_set_version_id: acme.id })), { reason: 'version_unknown' });
  t.match(await verify(canonicalJson({ ...receipt, rule_set_hash: hash })), { reason: 'version_changed' });
});
