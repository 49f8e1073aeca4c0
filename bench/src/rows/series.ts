import { Agent } from 'node:http';
import { dayMs } from '@platen/chassis/durations';
import { type Engine, telemetryEngines, testDatabase, testServerUrl } from '@platen/chassis/testkit/database';
import { call, plainHeaders } from '../environment/http.js';
import { runSql } from '../environment/platform.js';
import { postmasterOf } from '../environment/postmaster.js';
import { filledDays, filledSeries, fillReadings, fleetDevices } from '../environment/readings-data.js';
import { stopChild } from '../measure/load.js';
import { startChild } from '../measure/readings.js';
import { percentile, spreadOf } from '../measure/statistics.js';
import { costOf, type TaskCost, totalOf } from '../measure/task.js';
import { type Result, type Row, type RowContext, single } from './row.js';

interface Plane {
  readonly url: string;
  readonly token: string;
  readonly tenantId: string;
  readonly organizationId: string;
}

interface Question {
  readonly label: string;
  readonly mustMs: number;
  /** The n-th time that it is asked. */
  pathOf(n: number): string;
  /** What an answer has so many of. */
  readonly part: RegExp;
  readonly parts: number;
}

const host = 'acme.localhost';
const warmUps = 300;

const questions: readonly Question[] = [
  {
    label: 'a day by minutes',
    mustMs: 20,
    pathOf: (n) => {
      const today = Math.floor(Date.now() / dayMs) * dayMs;
      const from = today - (1 + (n % filledDays)) * dayMs;
      const span = `from=${new Date(from).toISOString()}&to=${new Date(from + dayMs).toISOString()}`;
      return `series?devices=device-${1 + (n % filledSeries)}&metrics=m1&${span}&step=1m`;
    },
    part: /\b1\d{12}\b/g,
    parts: 1_440,
  },
  {
    label: `latest of ${fleetDevices}`,
    mustMs: 10,
    pathOf: () => 'latest',
    part: /"arrived_at"/g,
    parts: fleetDevices,
  },
];

async function measureOn(engine: Engine, { effort }: RowContext): Promise<Result[]> {
  const ends: (() => void | Promise<void>)[] = [];
  const agent = new Agent({ keepAlive: true });
  try {
    const serverUrl = await testServerUrl(engine);
    // It would analyze what is to be measured without.
    await runSql(serverUrl, 'alter system set autovacuum = off');
    await runSql(serverUrl, 'select pg_reload_conf()');
    const database = await testDatabase({ teardown: (end) => void ends.unshift(end) }, 'telemetry', engine);
    const { child, ready: plane } = await startChild<Plane>(
      new URL('../servers/ingest-plane.child.js', import.meta.url),
      { database },
    );
    ends.unshift(() => stopChild(child));
    await fillReadings(database.superuserUrl, plane);
    const pids = { node: child.pid ?? 0, postgres: await postmasterOf(serverUrl) };
    const headers = { ...plainHeaders(host), authorization: `Bearer ${plane.token}` };
    const ask = async ({ pathOf, part, parts }: Question, n: number): Promise<number> => {
      const startedAt = performance.now();
      const { status, body } = await call(`${plane.url}/api/telemetry/${pathOf(n)}`, { headers, agent });
      const tookMs = performance.now() - startedAt;
      const found = body.match(part)?.length ?? 0;
      if (status !== 200 || found !== parts) throw new Error(`${pathOf(n)}: ${status}, ${found} of ${parts}`);
      return tookMs;
    };
    const amount = Math.max(100, Math.round(200 * effort.scale));
    const results: Result[] = [];
    for (const state of ['never analyzed', 'analyzed'] as const) {
      if (state === 'analyzed') await runSql(database.superuserUrl, 'analyze');
      for (const question of questions) {
        for (let n = 0; n < warmUps; n += 1) await ask(question, n);
        const costs: TaskCost[] = [];
        const tookMs: number[] = [];
        for (let round = 0; round < effort.rounds; round += 1) {
          costs.push(
            await costOf(pids, amount, async () => {
              for (let n = 0; n < amount; n += 1) tookMs.push(await ask(question, n));
            }),
          );
        }
        results.push(...resultsOf(question, `${engine}, ${state}`, costs, tookMs));
      }
    }
    return results;
  } finally {
    agent.destroy();
    for (const end of ends) await end();
  }
}

function resultsOf(
  { label, mustMs }: Question,
  where: string,
  costs: readonly TaskCost[],
  tookMs: readonly number[],
): Result[] {
  const millis = (of: (cost: TaskCost) => number) => spreadOf(costs.map((cost) => of(cost) / 1_000));
  const [node, postgres] = [millis((cost) => cost.nodeMicros), millis((cost) => cost.postgresMicros)];
  const [least, p95] = [Math.min(...tookMs), percentile(tookMs, 95)];
  return [
    {
      label: `${where}: ${label}`,
      unit: 'ms',
      value: millis(totalOf),
      must: mustMs,
      goal: mustMs / 2,
      detail: `processors: ${node.median.toFixed(1)} Node + ${postgres.median.toFixed(1)} PG`,
    },
    {
      label: '  one after another, with the client',
      unit: 'ms',
      value: single(percentile(tookMs, 50)),
      detail: `least ${least.toFixed(1)}, p95 ${p95.toFixed(1)} ms`,
    },
  ];
}

export const series: Row = {
  name: 'series',
  title: 'A day of a series at 1-minute steps and the latest of 1,000 devices over HTTP, among ten million readings',
  needsCpu: true,
  async run(context) {
    const results: Result[] = [];
    for (const { engine, skip } of telemetryEngines)
      if (skip === false) results.push(...(await measureOn(engine, context)));
    return results;
  },
};
