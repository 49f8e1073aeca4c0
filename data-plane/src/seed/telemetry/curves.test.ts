import t from 'tap';
import { measure } from './curves.js';
import { devices, metrics } from './shop.js';

const now = Date.UTC(2026, 10, 18, 13, 40);

t.test('a month of twelve machines, the same each time, none of it ahead of now', async (t) => {
  t.equal(devices.length, 12);
  const all = devices.map((device) => measure(device, now));
  const [carousel] = devices;
  t.same(carousel && measure(carousel, now), all[0]);
  const readings = all.flat();
  t.ok(readings.length > 40_000 && readings.length < 80_000, `${readings.length} readings`);
  t.ok(readings.every(({ tsMs, value }) => tsMs <= now && Number.isFinite(value) && Number.isInteger(tsMs)));
  t.same(new Set(readings.map(({ metric }) => metric)), new Set(Object.keys(metrics)));
  for (const [n, own] of all.entries()) {
    const keys = new Set(own.map(({ metric, tsMs }) => `${metric} ${tsMs}`));
    t.equal(keys.size, own.length, `${devices[n]?.code}: one reading of a metric at a time`);
  }
});

t.test('counters of presses only grow, those of embroidery begin again each morning', async (t) => {
  const falls = (code: string, metric: string): number => {
    const device = devices.find((one) => one.code === code);
    const values = device ? measure(device, now).filter((one) => one.metric === metric) : [];
    return values.filter(({ value }, n) => value < (values[n - 1]?.value ?? 0)).length;
  };
  t.equal(falls('carousel-1', 'impressions'), 0);
  t.ok(falls('six-head-1', 'stitches') > 15);
});
