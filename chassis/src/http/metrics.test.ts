import { test } from 'tap';
import { createBusiestTenants } from './busiest-tenants.js';
import { createMetrics } from './metrics.js';

test('the busiest tenants have a number each, over whole windows, and nobody else has', async (t) => {
  let nowMs = 0;
  const busiest = createBusiestTenants(() => nowMs);
  for (let tenant = 1; tenant <= 12; tenant += 1) {
    for (let request = 0; request < tenant * 20; request += 1) busiest.count(`tenant-${tenant}`);
  }
  nowMs = 14_000;
  t.same(busiest.read(), [], 'not yet');
  nowMs = 20_000;
  const first = busiest.read();
  t.same(
    first.map(({ tenantId, perSecond }) => [tenantId, perSecond]),
    [12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((tenant) => [`tenant-${tenant}`, tenant]),
  );
  busiest.count('tenant-1');
  nowMs = 30_000;
  t.equal(busiest.read(), first, 'who asks as well takes nothing away');
  nowMs = 40_000;
  t.same(busiest.read(), [{ tenantId: 'tenant-1', perSecond: 0.05 }]);
});

test('permissions that were lacking are counted by name', async (t) => {
  const { registry, denied, observe } = createMetrics();
  denied('erp.quote.write');
  denied('erp.quote.write');
  observe('GET', '/a', 200, 3, null);
  const text = await registry.metrics();
  t.match(text, 'permission_denials_total{permission="erp.quote.write"} 2');
  t.match(text, 'http_request_duration_seconds_count{method="GET",route="/a",status="200"} 1');
});
