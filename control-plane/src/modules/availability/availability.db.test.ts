import { plans, tenants } from '@platen/schema/seeds/identities';
import { enablementSources } from '@platen/schema/tables/control/tenants';
import fc from 'fast-check';
import t from 'tap';
import { startControlPlane, type TestControlPlane } from '../../test/control-plane.js';
import { tenantEntity } from '../feed/entities.js';
import { type ModuleFacts, spanOf } from './decide-module.js';
import { listModules, type ModuleRow } from './repo.js';

const end = fc.option(fc.integer({ min: 1, max: 5 }).map((day) => Date.UTC(2030, 0, day)));
const enablement = fc.option(
  fc.record({ enabled: fc.boolean(), source: fc.constantFrom(...enablementSources), validUntilMs: end }),
);
const worlds = fc.array(fc.record({ product: enablement, module: enablement, inPlan: fc.boolean() }), {
  minLength: 300,
  maxLength: 300,
});

const tenantIdOf = (index: number) => `0194ffff-0000-7000-8000-${String(index).padStart(12, '0')}`;

t.test('the feed and the function agree in random worlds', async (t) => {
  const plane = await startControlPlane(t);
  const seed = Date.now() % 2 ** 31;
  const [sample = []] = fc.sample(worlds, { numRuns: 1, seed });
  await insertWorlds(plane, sample);
  const rows = await plane.sql<{ id: string; entity: string }>(
    `select t.id, ${tenantEntity}::text as entity from tenants t where t.id::text like '0194ffff%' order by t.id`,
  );
  t.equal(rows.length, 300);
  for (const [index, { id, entity }] of rows.entries()) {
    const facts = { featureEnabled: true, ...sample[index] } as ModuleFacts;
    const told = JSON.parse(entity).modules.find((module: { code: string }) => module.code === 'erp.quotes');
    t.same(told ?? null, inFeed(facts), `seed ${seed}, world ${index}: ${JSON.stringify(facts)}`);
    const read = (await listModules(plane.platformDb, id))?.find(({ code }) => code === 'erp.quotes');
    t.match(read, { ...sample[index], featureFlag: null, productCode: 'erp' } as Partial<ModuleRow>);
  }
});

const instant = (ms: number) => new Date(ms).toISOString();

function inFeed(facts: ModuleFacts): object | null {
  const span = spanOf(facts);
  if (span === null) return null;
  return {
    code: 'erp.quotes',
    ...(Number.isFinite(span.startsMs) && { valid_from: instant(span.startsMs) }),
    valid_until: Number.isFinite(span.endsMs) ? instant(span.endsMs) : null,
  };
}

async function insertWorlds(plane: TestControlPlane, sample: readonly Partial<ModuleFacts>[]): Promise<void> {
  await plane.sql(
    `insert into platform_plans (id, code, name) values ('0194ffff-0000-7000-9000-000000000001', 'none', 'None')`,
  );
  const rows = sample.map(({ inPlan, product, module }, index) => ({
    id: tenantIdOf(index),
    slug: `world-${index}`,
    plan: inPlan ? plans.pro.id : '0194ffff-0000-7000-9000-000000000001',
    product: product && { ...product, until: product.validUntilMs === null ? null : instant(product.validUntilMs) },
    module: module && { ...module, until: module.validUntilMs === null ? null : instant(module.validUntilMs) },
  }));
  const from = `from json_to_recordset($1::json) as w(id uuid, slug text, plan uuid, product json, module json)`;
  const values = [JSON.stringify(rows)];
  await plane.sql(
    `insert into tenants (id, slug, name, status, plan_id, erp_db_key) select id, slug, slug, 'active', plan, 'erp-1' ${from}`,
    values,
  );
  await plane.sql(
    `insert into tenant_platform_products (tenant_id, product_id, enabled, source, valid_until)
     select w.id, p.id, (w.product ->> 'enabled')::bool, w.product ->> 'source', (w.product ->> 'until')::timestamptz
     ${from} join platform_products p on p.code = 'erp' where w.product ->> 'source' is not null`,
    values,
  );
  await plane.sql(
    `insert into tenant_platform_product_modules (tenant_id, module_id, enabled, source, valid_until)
     select w.id, m.id, (w.module ->> 'enabled')::bool, w.module ->> 'source', (w.module ->> 'until')::timestamptz
     ${from} join platform_product_modules m on m.code = 'erp.quotes' where w.module ->> 'source' is not null`,
    values,
  );
}

t.test('GET /api/access/modules', async (t) => {
  const plane = await startControlPlane(t, { isFeatureEnabled: (flag) => flag !== 'FEATURE_PRICING_ENGINE' });
  const browser = plane.browser('globex.localhost');
  await browser.signIn('admin@globex.test');
  const read = async () => {
    const { items } = (await browser.call('GET', '/api/access/modules')).json();
    return Object.fromEntries(items.map((item: { code: string }) => [item.code, item]));
  };
  await plane.sql(
    `insert into tenant_platform_product_modules (tenant_id, module_id, enabled, source, valid_until)
     select $1, id, code <> 'erp.orders', case code when 'erp.orders' then 'plan' else 'trial' end,
       case code when 'platform.stores' then now() - interval '1 day' end
     from platform_product_modules where code in ('erp.orders', 'platform.stores', 'erp.quotes')`,
    [tenants.globex.id],
  );
  const modules = await read();
  t.match(modules['erp.pricing'], { available: false, decided_by: 'feature_flag', name: 'Pricing engine' });
  t.match(modules['erp.orders'], { available: false, decided_by: 'switch_off', valid_until: null });
  t.match(modules['erp.quotes'], { available: true, decided_by: 'trial', product: { code: 'erp', name: 'Shop ERP' } });
  t.match(modules['erp.catalog'], { available: true, decided_by: 'plan', valid_until: null });
  t.match(modules['platform.stores'], { available: false, decided_by: 'ended_trial', valid_until: /Z$/ });
  const audit = modules['platform.audit'];
  t.match(audit, { available: true, decided_by: 'trial', valid_until: /Z$/ }, 'the demo has a trial');
  plane.clock.stoppedAtMs = Date.parse(audit.valid_until) - 1;
  await browser.signIn('admin@globex.test');
  t.match((await read())['platform.audit'], { available: true });
  plane.clock.stoppedAtMs += 1;
  t.match((await read())['platform.audit'], {
    available: false,
    decided_by: 'ended_trial',
    valid_until: audit.valid_until,
  });
  t.equal((await plane.browser().call('GET', '/api/access/modules')).json().code, 'authentication_required');
});
