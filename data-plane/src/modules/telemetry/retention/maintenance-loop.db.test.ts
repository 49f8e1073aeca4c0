import { statement } from '@platen/chassis/db/statement';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { createLogger } from '@platen/chassis/log/logger';
import { testDatabase } from '@platen/chassis/testkit/database';
import { withinOneDay } from '@platen/chassis/testkit/one-day';
import { patient } from '@platen/chassis/testkit/patient';
import t from 'tap';
import type { SystemTelemetryDatabase } from '../rollups/index.js';
import { createMaintenance } from './maintenance.js';

const daysMissing = statement<{ made: number }>(
  'maintenance_loop_test.missing',
  'select tel_ensure_partitions(array[current_date, current_date + 1, current_date + 2]) as made',
  { parse: { made: 'int' } },
);

t.test(
  'the background makes its round over each database, whatever becomes of another, and stop waits for it',
  async (t) => {
    const database = await testDatabase(t, 'telemetry');
    const system = systemDatabase({ name: 'telemetry_1', url: database.systemUrl, poolSize: 2, ...patient });
    t.teardown(() => system.close());
    const order: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const broken: SystemTelemetryDatabase = {
      key: 'telemetry_0',
      system: { query: (one) => system.query(one), transaction: () => Promise.reject(new Error('away')) },
    };
    const slow: SystemTelemetryDatabase = {
      key: 'telemetry_1',
      system: {
        query: (one, values) => system.query(one, values),
        async transaction(work) {
          begin();
          await held;
          const result = await system.transaction(work);
          order.push('maintained');
          return result;
        },
      },
    };
    const { background } = createMaintenance({
      openTelemetryDb: () => {
        throw new Error('there are no tenants');
      },
      feed: { tenantById: () => undefined, organizations: () => [] },
      databases: [broken, slow],
      log: createLogger({ service: 'data-plane', level: 'silent' }),
    });
    await withinOneDay();
    background.start();
    background.start();
    await begun;
    const stopped = background.stop().then(() => order.push('stopped'));
    await new Promise(setImmediate);
    release();
    await stopped;
    t.same(order, ['maintained', 'stopped'], 'once');
    t.same(await system.query(daysMissing), [{ made: 0 }], 'the days ahead are there');
  },
);
