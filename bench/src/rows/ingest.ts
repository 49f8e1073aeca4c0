import { randomUUID } from 'node:crypto';
import { type Engine, telemetryEngines, testDatabase, testServerUrl } from '@platen/chassis/testkit/database';
import { runSql } from '../environment/platform.js';
import { postmasterOf } from '../environment/postmaster.js';
import { stopChild } from '../measure/load.js';
import { type ReadingsSent, startChild, startDevices } from '../measure/readings.js';
import { percentile, ratios, spreadOf } from '../measure/statistics.js';
import { costOf, microsOf, startTaskRunner, type TaskCost, totalOf } from '../measure/task.js';
import type { Result, Row, RowContext } from './row.js';

interface Plane {
  readonly url: string;
  readonly token: string;
  readonly tenantId: string;
  readonly organizationId: string;
}

const host = 'acme.localhost';
const batchSize = 1_000;
const clients = 200;

/** On one engine: a server of its own, the plane, and what it is measured against. */
async function measureOn(engine: Engine, { effort }: RowContext): Promise<Result[]> {
  const ends: (() => void | Promise<void>)[] = [];
  const teardown = { teardown: (work: () => void | Promise<void>) => void ends.unshift(work) };
  try {
    const database = await testDatabase(teardown, 'telemetry', engine);
    const { child: planeProcess, ready: plane } = await startChild<Plane>(
      new URL('../servers/ingest-plane.child.js', import.meta.url),
      { database },
    );
    ends.unshift(() => stopChild(planeProcess));
    await fillDirectory(database.superuserUrl, plane);
    const { child: echoProcess, ready: echo } = await startChild<{ url: string }>(
      new URL('../servers/echo.child.js', import.meta.url),
    );
    ends.unshift(() => stopChild(echoProcess));
    const devices = startDevices();
    ends.unshift(() => stopChild(devices.child));
    const copier = startTaskRunner();
    ends.unshift(() => copier.stop());
    const postgres = await postmasterOf(await testServerUrl(engine));
    const pidOf = (child: { readonly pid?: number | undefined }): number => child.pid ?? 0;
    const headers = {
      host,
      'content-type': 'application/json',
      authorization: `Bearer ${plane.token}`,
      'x-correlation-id': 'bench-0123456789',
    };
    const batches = Math.round(100 * effort.scale);
    const posts = Math.round(12_000 * effort.scale);
    const costs = {
      copy: [] as TaskCost[],
      ingest: [] as TaskCost[],
      echo: [] as TaskCost[],
      single: [] as TaskCost[],
    };
    const sent = { ingest: [] as ReadingsSent[], single: [] as ReadingsSent[] };
    const spanMs = batches * (batchSize / 20) * 100;
    for (let round = -1; round < effort.rounds; round += 1) {
      const fromMs = Date.now() - 7_200_000 + (round + 1) * spanMs;
      const keep = <K extends keyof typeof costs>(name: K, cost: TaskCost) => round >= 0 && costs[name].push(cost);
      const setup = { superuserUrl: database.superuserUrl, tenantId: randomUUID(), fromMs };
      keep(
        'copy',
        await costOf({ node: copier.pid, postgres }, batches * batchSize, () =>
          copier.run({ task: 'copy readings', setup, amount: batches, concurrency: 1 }),
        ),
      );
      const order = { url: `${plane.url}/api/telemetry/readings`, headers, devices: clients, fromMs };
      keep(
        'ingest',
        await costOf({ node: pidOf(planeProcess), postgres }, batches * batchSize, async () => {
          sent.ingest.push(await devices.send({ ...order, connections: 1, amount: batches, readings: batchSize }));
        }),
      );
      keep(
        'echo',
        await costOf({ node: pidOf(echoProcess), postgres: null }, posts, () =>
          devices.send({ ...order, url: `${echo.url}/echo`, connections: clients, amount: posts, readings: 1 }),
        ),
      );
      keep(
        'single',
        await costOf({ node: pidOf(planeProcess), postgres }, posts, async () => {
          sent.single.push(
            await devices.send({
              ...order,
              fromMs: fromMs - 86_400_000,
              connections: clients,
              amount: posts,
              readings: 1,
            }),
          );
        }),
      );
    }
    const relative = (own: readonly TaskCost[], base: readonly TaskCost[]) =>
      spreadOf(ratios(own.map(totalOf), base.map(totalOf)));
    const detailOf = (own: readonly TaskCost[], base: readonly TaskCost[], answers: readonly ReadingsSent[]) => {
      const times = answers.slice(1).flatMap(({ timesMs }) => timesMs);
      return `${microsOf(own)}; baseline ${microsOf(base)}; p50 ${percentile(times, 50).toFixed(1)} ms, p99 ${percentile(times, 99).toFixed(1)} ms`;
    };
    return [
      {
        label: `${engine}: ${batchSize} a request, per reading against COPY`,
        unit: 'R',
        value: relative(costs.ingest, costs.copy),
        must: 2.2,
        goal: 1.7,
        detail: detailOf(costs.ingest, costs.copy, sent.ingest),
      },
      {
        label: `${engine}: one a request from ${clients} clients, per request against an echo`,
        unit: 'R',
        value: relative(costs.single, costs.echo),
        must: 2.5,
        detail: detailOf(costs.single, costs.echo, sent.single),
      },
    ];
  } finally {
    for (const end of ends) await end();
  }
}

async function fillDirectory(url: string, { tenantId, organizationId }: Plane): Promise<void> {
  const owner = [tenantId, organizationId];
  await runSql(
    url,
    `insert into tel_devices (tenant_id, organization_id, id, code, name, kind, device_no)
     select $1, $2, gen_random_uuid(), 'device-' || n, 'Device', 'sensor', n + 1 from generate_series(0, ${clients - 1}) n`,
    owner,
  );
  await runSql(
    url,
    `insert into tel_metrics (tenant_id, organization_id, id, code, name, kind, metric_no)
     select $1, $2, gen_random_uuid(), 'm' || n, 'Metric', 'gauge', n + 1 from generate_series(0, 3) n`,
    owner,
  );
  await runSql(url, 'select tel_ensure_partitions(array[current_date - 2, current_date - 1, current_date])');
}

export const ingest: Row = {
  name: 'ingest',
  title: 'Readings over HTTP, acknowledged after their commit',
  needsCpu: true,
  async run(context) {
    const results: Result[] = [];
    for (const { engine, skip } of telemetryEngines)
      if (skip === false) results.push(...(await measureOn(engine, context)));
    return results;
  },
};
