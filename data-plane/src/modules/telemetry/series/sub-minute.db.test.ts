import t from 'tap';
import { openSeriesShop } from './series.fixture.js';

t.test('steps of seconds have all readings in them, however many these are', async (t) => {
  const nowMs = Math.floor(Date.now() / 60_000) * 60_000;
  const shop = await openSeriesShop(t, 'postgres');
  const tenant = shop.addTenant('acme', 'erp_1', { telemetry_db_key: 'telemetry_1' });
  await shop.addDevice({ tenant }, 'press', 1);
  await shop.addMetric({ tenant }, 'speed', 1, 'gauge', 1_000);
  const seconds = 7_200;
  const readings = Array.from({ length: seconds }, (_, n) => ({
    ...{ deviceNo: 1, metricNo: 1, atMs: nowMs - seconds * 1_000 + n * 1_000, value: n },
  }));
  await shop.measured(tenant, readings);
  await shop.rollUp(tenant);
  const span = `from=${new Date(nowMs - seconds * 1_000).toISOString()}&to=${new Date(nowMs).toISOString()}`;
  const count = async (query: string): Promise<number> => {
    const url = `/api/telemetry/series?devices=press&metrics=speed&detail=true&${span}${query}`;
    const { body, text } = await shop.call(tenant, shop.token(tenant), { method: 'GET', url });
    const [series] = body.series ?? [];
    if (series === undefined) throw new Error(text);
    return series.count.reduce((sum: number, one: number) => sum + one, 0);
  };
  t.equal(await count(''), seconds, 'of the step that is taken where none is named');
  t.equal(await count('&step=30s'), seconds);
  t.equal(await count('&step=1m'), seconds);
});
