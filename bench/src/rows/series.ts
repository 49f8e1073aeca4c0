import { Agent } from 'node:http';
import { type Engine, telemetryEngines, testDatabase } from '@platen/chassis/testkit/database';
import { call, plainHeaders } from '../environment/http.js';
import { runSql } from '../environment/platform.js';
import { filledDays, filledSeries, fillReadings, fleetDevices } from '../environment/readings-data.js';
import { stopChild } from '../measure/load.js';
import { startChild } from '../measure/readings.js';
import { percentile } from '../measure/statistics.js';
import { type Result, type Row, type RowContext, single } from './row.js';

interface Plane {
  readonly url: string;
  readonly token: string;
  readonly tenantId: string;
  readonly organizationId: string;
}

const host = 'acme.localhost';
const dayMs = 86_400_000;
const limits = { series: 20, latest: 10 } as const;

/** A day that is over, of the n-th series. */
function seriesOf(n: number): string {
  const today = Math.floor(Date.now() / dayMs) * dayMs;
  const from = new Date(today - (1 + (n % filledDays)) * dayMs).toISOString();
  const to = new Date(today - (n % filledDays) * dayMs).toISOString();
  return `series?devices=device-${1 + (n % filledSeries)}&metrics=m1&from=${from}&to=${to}&step=1m`;
}

async function measureOn(engine: Engine, { effort }: RowContext): Promise<Result[]> {
  const ends: (() => void | Promise<void>)[] = [];
  const agent = new Agent({ keepAlive: true });
  try {
    const database = await testDatabase({ teardown: (end) => void ends.unshift(end) }, 'telemetry', engine);
    const { child, ready: plane } = await startChild<Plane>(
      new URL('../servers/ingest-plane.child.js', import.meta.url),
      {
        database,
      },
    );
    ends.unshift(() => stopChild(child));
    await fillReadings(database.superuserUrl, plane);
    const headers = { ...plainHeaders(host), authorization: `Bearer ${plane.token}` };
    const ask = async (path: string): Promise<number> => {
      const startedAt = performance.now();
      const { status, body } = await call(`${plane.url}/api/telemetry/${path}`, { headers, agent });
      if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
      return performance.now() - startedAt;
    };
    const times = Math.max(40, Math.round(200 * effort.scale));
    const results: Result[] = [];
    for (const state of ['never analyzed', 'analyzed'] as const) {
      if (state === 'analyzed') await runSql(database.superuserUrl, 'analyze');
      for (const [name, pathOf] of Object.entries({ series: seriesOf, latest: () => 'latest?metrics=m1' })) {
        for (let n = 0; n < 16; n += 1) await ask(pathOf(n));
        const tookMs: number[] = [];
        for (let n = 0; n < times; n += 1) tookMs.push(await ask(pathOf(n)));
        const [p95, p99] = [95, 99].map((share) => percentile(tookMs, share).toFixed(1));
        const what = name === 'series' ? 'a day at 1-minute steps' : `latest of ${fleetDevices} devices`;
        const must = name === 'series' ? limits.series : limits.latest;
        results.push({
          label: `${engine}, ${state}: ${what}`,
          unit: 'ms',
          value: single(percentile(tookMs, 50)),
          must,
          goal: must / 2,
          detail: `p95 ${p95}, p99 ${p99} ms with HTTP, one after another`,
        });
      }
    }
    return results;
  } finally {
    agent.destroy();
    for (const end of ends) await end();
  }
}

export const series: Row = {
  name: 'series',
  title: 'Series and latest over HTTP, among ten million readings',
  async run(context) {
    const results: Result[] = [];
    for (const { engine, skip } of telemetryEngines)
      if (skip === false) results.push(...(await measureOn(engine, context)));
    return results;
  },
};
