import { benchOwner, listOrderIds } from '../environment/erp-data.js';
import { ratios, spreadOf } from '../measure/statistics.js';
import { costOf, microsOf, startTaskRunner, type TaskCost, totalOf } from '../measure/task.js';
import type { Row } from './row.js';
import { filledErp } from './services.js';

const ways = ['plain read', 'one Sync', 'transaction'] as const;

export const databaseOnly: Row = {
  name: 'database',
  title: 'The same order without HTTP, 32 at once',
  needsCpu: true,
  async run(context) {
    const platform = await context.platform();
    await filledErp(platform);
    const setup = {
      ...benchOwner,
      plainUrl: platform.superuserUrl('erp-1'),
      securedUrl: platform.databaseUrl('platen_app', 'erp-1'),
      ids: await listOrderIds(platform.superuserUrl('erp-1'), 200),
    };
    const runner = startTaskRunner();
    try {
      const amount = Math.round(12_000 * context.effort.scale);
      const pids = { node: runner.pid, postgres: platform.postgresPid };
      const costs = new Map(ways.map((way) => [way, [] as TaskCost[]]));
      for (let round = -1; round < context.effort.rounds; round += 1) {
        for (const task of ways) {
          const cost = await costOf(pids, amount, () => runner.run({ task, setup, amount, concurrency: 32 }));
          if (round >= 0) costs.get(task)?.push(cost);
        }
      }
      const baseline = (costs.get('plain read') ?? []).map(totalOf);
      return ways.slice(1).map((way) => {
        const own = costs.get(way) ?? [];
        return {
          label: way === 'one Sync' ? 'scope and statement in one Sync' : 'BEGIN, scope, SELECT, COMMIT',
          unit: 'R' as const,
          value: spreadOf(ratios(own.map(totalOf), baseline)),
          ...(way === 'one Sync' && { must: 1.0, goal: 0.8 }),
          detail: `${microsOf(own)}; baseline ${microsOf(costs.get('plain read') ?? [])}`,
        };
      });
    } finally {
      await runner.stop();
    }
  },
};
