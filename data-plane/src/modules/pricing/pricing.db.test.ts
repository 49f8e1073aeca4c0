import { toAppError } from '@platen/chassis/db/errors';
import { statement } from '@platen/chassis/db/statement';
import { noStats } from '@platen/chassis/db/types';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { PricedBasket } from '@platen/schema/contracts/data/pricing';
import t from 'tap';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { openSales } from '../../test/sales.fixture.js';
import { canonicalJson, sha256 } from './index.js';
import { basketJson } from './json.js';

const anyVariant = statement<{ product: string; variant: string; customer: string }>(
  'test.any_variant',
  `select product_id as product, id as variant, (select id from erp_customers order by code limit 1) as customer
  from erp_product_variants order by sku limit 1`,
);
const otherVariant = statement<{ id: string }>(
  'test.other_variant',
  'select id from erp_product_variants where product_id = $1 and id <> $2 order by sku limit 1',
);
const archive = statement<never>('test.archive', `update erp_product_variants set status = 'archived' where id = $1`);
const endVersion = statement<never>(
  'test.end_version',
  'update erp_pricing_rule_set_versions set valid_until = $1::timestamptz',
);

t.test('a basket priced by the rule set in force, in one round trip', async (t) => {
  const { pricing, ctxOf } = await openSales(t);
  const [row] = await ctxOf().db.leased.query(anyVariant);
  if (!row) throw new Error('no seeds');
  const lines = [{ product_id: row.product, sizes: [{ variant_id: row.variant, quantity: 13 }] }];
  const request = { customerId: row.customer, priceOn: null, lines };
  await pricing.price(ctxOf(), ctxOf().db, request);
  const stats = noStats();
  const ctx = ctxOf({ stats });
  const priced = await pricing.price(ctx, ctx.db, request);
  t.equal(stats.roundTrips, 1, 'once its rule set is compiled');
  const body: Static<typeof PricedBasket> = JSON.parse(basketJson(priced));
  t.ok(Value.Check(PricedBasket, body), 'matches its contract');
  t.equal(body.lines[0]?.receipt.price_on, '2026-03-01');
  const anonymous = await pricing.price(ctxOf(), ctxOf().db, { ...request, customerId: null });
  t.equal(anonymous.discount, '0.0000', 'without a customer no discount');
  await t.rejects(pricing.price(ctxOf(), ctxOf().db, { ...request, priceOn: '2019-01-01' }), {
    code: 'price_unavailable',
  });
  const noYear = await pricing.price(ctxOf(), ctxOf().db, { ...request, priceOn: '0000-01-01' }).catch(toAppError);
  t.match(noYear, { code: 'validation_failed' }, 'a date that a calendar has, and Postgres has not');

  const [twin] = await ctxOf().db.leased.query(otherVariant, [row.product, row.variant]);
  const million = [row.variant, twin?.id ?? ''].map((variant_id) => ({ variant_id, quantity: 1_000_000 }));
  const lot = await pricing.price(ctxOf(), ctxOf().db, {
    ...request,
    lines: [{ product_id: row.product, sizes: million }],
  });
  t.equal(lot.lines[0]?.quantity, 2_000_000);
  t.ok(Value.Check(PricedBasket, JSON.parse(basketJson(lot))), 'a line may hold more than a size');

  const office = ctxOf({ workspaceId: null }).db;
  await office.leased.query(endVersion, ['2026-03-01T00:00:00Z']);
  await t.rejects(pricing.price(ctxOf(), ctxOf().db, request), { code: 'price_unavailable' }, 'its validity has ended');
  t.ok(
    await pricing.price(ctxOf(), ctxOf().db, { ...request, priceOn: '2026-02-27' }),
    'and holds for the days before',
  );
  await office.leased.query(endVersion, [null]);
  await office.leased.query(archive, [row.variant]);
  await t.rejects(pricing.price(ctxOf(), ctxOf().db, request), {
    code: 'unknown_reference',
    fields: [{ path: '/body/lines/0/sizes/0/variant_id', message: 'The variant is not active' }],
  });
});

t.test('a price list of a former format gives no price, and says so', async (t) => {
  const { pricing, ctxOf, db } = await openSales(t);
  const [row] = await ctxOf().db.leased.query(anyVariant);
  if (!row) throw new Error('no seeds');
  const content = canonicalJson({ format: 'platen-rule-set/1', currency: 'EUR', rules: [] });
  await asSuperuser(db.superuserUrl, async (client) => {
    // As a release before left it: published versions never change.
    await client.query('alter table erp_pricing_rule_set_versions disable trigger immutable');
    await client.query('update erp_pricing_rule_set_versions set content = $1, hash = $2', [content, sha256(content)]);
  });
  const lines = [{ product_id: row.product, sizes: [{ variant_id: row.variant, quantity: 13 }] }];
  await t.rejects(pricing.price(ctxOf(), ctxOf().db, { customerId: null, priceOn: null, lines }), {
    code: 'price_unavailable',
    message: /former format/,
  });
});
