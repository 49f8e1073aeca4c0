import { telemetryEngines } from '@platen/chassis/testkit/database';
import fc from 'fast-check';
import t from 'tap';
import type { Tenant } from '../../../feed/tenant.js';
import type { Rolled } from './roll-up.js';
import { openRollups, type Reading, rollUpAll } from './rollups.fixture.js';
import { readComputed } from './truth.fixture.js';

/** An hour and a half on either side of midnight in UTC, two days ago. */
const midnightMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000;

/** Minutes that are few, so that batches meet in them: side by side, apart, and at the ends of hours and days. */
const minutes = [-90, -60, -59, -1, 0, 1, 2, 59, 60, 75];
const reading: fc.Arbitrary<Reading> = fc
  .record({
    deviceNo: fc.integer({ min: 1, max: 2 }),
    metricNo: fc.integer({ min: 1, max: 2 }),
    minute: fc.constantFrom(...minutes),
    inMinuteMs: fc.constantFrom(0, 1, 500, 20_000, 59_999),
    count: fc.integer({ min: 0, max: 40 }),
    // Adding nothing makes a negative zero, which equals the other and is told apart in JSON, positive.
    gauge: fc.double({ min: -1e12, max: 1e12, noNaN: true }).map((value) => value + 0),
  })
  .map(({ deviceNo, metricNo, minute, inMinuteMs, count, gauge }) => ({
    ...{ deviceNo, metricNo, tsMs: midnightMs + minute * 60_000 + inMinuteMs },
    value: metricNo === 1 ? count : gauge,
  }));
const batch = fc.uniqueArray(reading, {
  minLength: 1,
  maxLength: 12,
  selector: ({ deviceNo, metricNo, tsMs }) => `${deviceNo} ${metricNo} ${tsMs}`,
});
/** Batches that come at once, and roll-ups meanwhile: by each plane, of so many rows. */
const step = fc.record({
  batches: fc.array(batch, { maxLength: 3 }),
  rollUps: fc.array(fc.record({ plane: fc.nat({ max: 1 }), limit: fc.integer({ min: 1, max: 6 }) }), { maxLength: 3 }),
  first: fc.constantFrom('batches', 'roll-ups', 'both'),
});
const history = fc.array(step, { minLength: 1, maxLength: 8 });

for (const { engine, skip } of telemetryEngines) {
  t.test(`whatever comes, and however, on ${engine}`, { skip }, async (t) => {
    const shop = await openRollups(t, engine, 2);
    let [compared, transactions] = [0, 0];
    const rollUpBy = async (plane: number, tenant: Tenant, limit: number): Promise<Rolled | undefined> => {
      transactions += 1;
      return shop.planes[plane]?.rollUp(tenant, limit);
    };
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const tenant = shop.addTenant();
        for (const { batches, rollUps, first } of steps) {
          const store = () => Promise.all(batches.map((one) => shop.store(tenant, one)));
          const rollUp = () => Promise.all(rollUps.map(({ plane, limit }) => rollUpBy(plane, tenant, limit)));
          if (first === 'both') await Promise.all([store(), rollUp()]);
          else for (const one of first === 'batches' ? [store, rollUp] : [rollUp, store]) await one();
        }
        await Promise.all(shop.planes.map((plane) => rollUpAll(plane, tenant, 5)));
        await rollUpAll(shop.rollups, tenant);
        const { stored, inSql, truth } = await readComputed(shop.open(tenant).leased);
        if (JSON.stringify(stored) !== JSON.stringify(truth)) t.same(stored, truth, 'as worked out from the readings');
        if (JSON.stringify(stored) !== JSON.stringify(inSql)) t.same(stored, inSql, 'as plain SQL has it');
        compared += stored.minutes.length + stored.hours.length + stored.days.length + stored.latest.length;
        return JSON.stringify([stored, stored]) === JSON.stringify([truth, inSql]);
      }),
      { numRuns: 25, endOnFailure: true },
    );
    t.ok(compared > 0);
    t.comment(`measured: ${compared} rows compared twice, ${transactions} roll-ups between batches`);
  });
}
