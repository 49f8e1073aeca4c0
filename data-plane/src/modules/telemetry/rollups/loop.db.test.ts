import { hourMs } from '@platen/chassis/durations';
import t from 'tap';
import type { Tenant } from '../../../feed/tenant.js';
import { openRollups } from './rollups.fixture.js';
import type { Rollups } from './rollups.js';
import { readComputed } from './truth.fixture.js';

const startMs = Math.floor(Date.now() / hourMs) * hourMs - 2 * hourMs;
const readings = (from: number) =>
  Array.from({ length: 5 }, (_, n) => ({ deviceNo: 1, metricNo: 1, tsMs: startMs + (from + n) * 10_000, value: n }));

/** Resolves when a roll-up of this tenant has told its listeners. */
const rolled = (rollups: Rollups, tenant: Tenant) =>
  new Promise<void>((resolve) => {
    rollups.onRolled(async ({ id }) => {
      if (id === tenant.id) resolve();
    });
  });

t.test('the background finds what is left, what is told and what others stored', async (t) => {
  const shop = await openRollups(t, 'postgres', 2);
  const [left, told, untold] = [shop.addTenant(), shop.addTenant(), shop.addTenant()];
  const { rollups } = shop;
  t.teardown(() => rollups.background.stop());
  const isRight = async (tenant: Tenant, what: string) => {
    const { stored, truth } = await readComputed(shop.open(tenant).leased);
    t.ok(truth.minutes.length > 0);
    t.same(stored, truth, what);
  };

  await shop.store(left, readings(0));
  rollups.wake(left);
  const first = rolled(rollups, left);
  rollups.onRolled(async () => {
    throw new Error('a listener that fails');
  });
  rollups.background.start();
  await first;
  await isRight(left, 'what a process left when it died');

  const second = rolled(rollups, told);
  await shop.store(told, readings(0));
  rollups.wake(told);
  await second;
  await isRight(told, 'what it is told of');

  const third = rolled(rollups, untold);
  await shop.store(untold, readings(0));
  await third;
  await isRight(untold, 'what another instance stored and did not tell');

  await rollups.background.stop();
  await shop.store(told, readings(100));
  rollups.wake(told);
  t.match(await shop.planes[1]?.rollUp(told), { rows: 1 }, 'stopped, it leaves things to others');
});
