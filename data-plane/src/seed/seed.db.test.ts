import { openDatabase } from '@platen/chassis/db/database';
import { statement } from '@platen/chassis/db/statement';
import { testDatabase } from '@platen/chassis/testkit/database';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { patient } from '@platen/chassis/testkit/patient';
import t from 'tap';
import { compileRuleSet, sha256, verifyReceipt } from '../modules/pricing/index.js';
import { artworkOf, requireConsistentShop, shopCounts } from './making/shop.fixture.js';
import { seedPlans } from './plans.js';
import { seedId } from './random.js';
import { type OrganizationPlan, seedOrganization } from './seed-organization.js';

const now = new Date('2026-03-01T09:30:00.000Z');

const counts = statement<Record<string, string>>(
  'test.counts',
  `select (select count(*) from erp_products) as products, (select count(*) from erp_customers) as customers,
    (select count(*) from erp_pricing_rules) as rules, (select count(*) from erp_quotes) as quotes,
    (select count(*) from erp_orders) as orders`,
);
const wrongTotals = statement<{ id: string }>(
  'test.totals',
  `select q.id from erp_quotes q join erp_quote_lines l on l.quote_id = q.id
  group by q.id, q.subtotal, q.discount, q.tax, q.total
  having sum(l.line_total) <> q.subtotal - q.discount or q.total <> q.subtotal - q.discount + q.tax`,
);
const wrongNumbers = statement<{ kind: string }>(
  'test.numbers',
  `select s.kind from erp_number_sequences s left join (
    select 'quote' as kind, number from erp_quotes union all select 'order', number from erp_orders
    union all select 'purchase_order', number from erp_purchase_orders
  ) d on d.kind = s.kind and d.number like '%-' || s.year || '-%'
  where s.organization_id = current_setting('app.organization_id')::uuid
  group by s.kind, s.year, s.last_number
  having count(distinct d.number) <> s.last_number or max(right(d.number, 5)::int) <> s.last_number`,
);
const receipts = statement<{ receipt: string; receipt_hash: string }>(
  'test.receipts',
  'select receipt, receipt_hash from erp_quote_lines order by id limit 50',
);
const version = statement<{ id: string; hash: string; content: string }>(
  'test.version',
  'select id, hash, content from erp_pricing_rule_set_versions',
);
const unbalanced = statement<{ id: string }>(
  'test.payments',
  `select o.id from erp_orders o left join erp_order_payments p on p.order_id = o.id
  group by o.id, o.total, o.payment_status
  having o.payment_status <> case coalesce(sum(p.amount), 0) when 0 then 'unpaid' when o.total then 'paid' else 'partial' end`,
);

const scopeOf = ({ tenantId, organizationId }: OrganizationPlan) => ({ tenantId, organizationId, workspaceId: null });

t.test('the demo tenants, seeded as the application in their scopes', async (t) => {
  const db = await testDatabase(t, 'erp');
  const database = openDatabase({
    name: 'seed',
    url: db.appUrl,
    poolSize: 3,
    ...patient,
    statementTimeoutMs: 60_000,
    leaseTimeoutMs: 120_000,
  });
  t.teardown(() => database.close());
  const [first] = seedPlans;
  const stored = new Map<string, { readonly hash: string; readonly size: number }>();
  const store = async (key: string, bytes: Buffer) =>
    void stored.set(key, { hash: sha256(bytes.toString()), size: bytes.length });
  for (const { plan } of seedPlans) {
    const scoped = database.scoped(scopeOf(plan));
    const spent = process.cpuUsage();
    t.equal(await seedOrganization(scoped, plan, now, store), true, plan.name);
    const { user, system } = process.cpuUsage(spent);
    t.comment(`measured: ${plan.name} ${Math.round((user + system) / 1000)} ms of this process`);
    t.equal(await seedOrganization(scoped, plan, now, store), false, 'a second run finds the first');
  }
  // As the server does by itself a minute later.
  await asSuperuser(db.superuserUrl, (client) => client.query('analyze'));
  for (const { plan } of seedPlans) await requireConsistentShop(t, database.scoped(scopeOf(plan)));
  if (!first) throw new Error('no plans');
  const { tenantId } = first.plan;
  const acme = database.scoped(scopeOf(first.plan));
  const [row] = await acme.leased.query(counts);
  t.match(row, { products: '40', customers: '200', quotes: '310' });
  t.ok(Number(row?.['rules']) >= 290 && Number(row?.['rules']) <= 310, `${row?.['rules']} rules`);
  t.ok(Number(row?.['orders']) > 100);
  t.same(await acme.leased.query(wrongTotals), [], 'lines sum to their documents');
  t.same(await acme.leased.query(wrongNumbers), [], 'numbers have no gaps and the sequences continue them');
  t.same(await acme.leased.query(unbalanced), [], 'payment states follow the payments');

  const [shop] = await acme.leased.query(shopCounts, [now]);
  t.match(shop, { stages: '8', approvals: '2', purchases: /^approved cancelled closed draft partially_received / });
  const count = (name: string) => Number(shop?.[name]);
  t.ok(count('open') >= 40 && count('due') >= 35, `${count('open')} orders are open, ${count('due')} still due`);
  t.ok(count('jobs') > 80 && count('scrapped') > 2 && count('reprints') > 0, `${count('jobs')} jobs`);
  t.ok(count('short') > 3 && count('short') < count('open') / 2, `${count('short')} orders are short`);
  t.ok(count('shelved') > 50);

  const artwork = await acme.leased.query(artworkOf);
  t.ok(artwork.length > 10, `${artwork.length} designs have artwork`);
  for (const { storage_key, sha256, hash } of artwork) t.same([stored.get(storage_key)?.hash, hash], [sha256, sha256]);
  const bytes = [...stored].filter(([key]) => key.startsWith(tenantId)).reduce((sum, [, { size }]) => sum + size, 0);
  t.equal(Number(artwork[0]?.used), bytes, 'room of the tenant that files take');

  const [inForce] = await acme.leased.query(version);
  if (!inForce) throw new Error('no version');
  const compiled = compileRuleSet({ ...inForce, content: JSON.parse(inForce.content) });
  for (const { receipt, receipt_hash } of await acme.leased.query(receipts)) {
    const verified = verifyReceipt(compiled, receipt, receipt_hash);
    t.equal(verified.ok, true, verified.ok ? 'verifies' : verified.reason);
  }
});

const formerPrices = statement<never>(
  'test.former_prices',
  `with sets as (insert into erp_pricing_rule_sets (tenant_id, organization_id, id, code, name, status, currency)
    values ($1::uuid, $2::uuid, $3::uuid, 'standard', 'Standard prices', 'active', 'EUR'))
  insert into erp_pricing_rule_set_versions (tenant_id, organization_id, id, rule_set_id, version, content, hash, valid_from)
  values ($1::uuid, $2::uuid, $4::uuid, $3::uuid, 1, '{"format":"platen-rule-set/1"}', repeat('0', 64), '2024-01-01')`,
);
const published = statement<{ version: number; format: string; rules: number }>(
  'test.published',
  `select v.version, v.content::json->>'format' as format,
    (select count(*)::int from erp_pricing_rules r where r.rule_set_id = v.rule_set_id) as rules
  from erp_pricing_rule_set_versions v order by v.version desc limit 1`,
);

t.test('prices of a former format are published anew, once', async (t) => {
  const db = await testDatabase(t, 'erp');
  const database = openDatabase({
    name: 'seed',
    url: db.appUrl,
    poolSize: 2,
    ...patient,
    statementTimeoutMs: 60_000,
    leaseTimeoutMs: 120_000,
  });
  t.teardown(() => database.close());
  const plan = seedPlans.find((seed) => seed.plan.name === 'acme-promo')?.plan;
  if (!plan) throw new Error('no plans');
  const { tenantId, organizationId, name } = plan;
  const scoped = database.scoped({ tenantId, organizationId, workspaceId: null });
  const ruleSetId = seedId(`${name}/rule-set`, Date.UTC(2024, 0, 1));
  const versionId = seedId(`${name}/rule-set-version/1`, Date.UTC(2024, 0, 1));
  await scoped.leased.query(formerPrices, [tenantId, organizationId, ruleSetId, versionId]);
  t.equal(await seedOrganization(scoped, plan, now), true);
  t.match(await scoped.leased.query(published), [{ version: 2, format: 'platen-rule-set/2' }]);
  t.equal(await seedOrganization(scoped, plan, now), false, 'once');
});
