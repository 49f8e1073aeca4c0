/** Devices that send: a process of its own, so that its work is nobody's CPU time. One order to it by IPC, one answer. */

import { Agent, request } from 'node:http';
import { obey } from './obey.js';
import type { ReadingsOrder, ReadingsSent } from './readings.js';

obey<ReadingsOrder>(run);

const seriesOfBatch = 20;

/** A reading of each device in turns; in a batch a run of readings for each of its series. */
function bodyOf(order: ReadingsOrder, n: number): string {
  const { readings, devices, fromMs } = order;
  if (readings === 1) {
    const at = fromMs + Math.floor(n / devices) * 1000;
    return JSON.stringify({
      readings: [{ device: `device-${n % devices}`, metric: 'm0', ts: new Date(at).toISOString(), value: n / 7 }],
    });
  }
  const perSeries = readings / seriesOfBatch;
  return JSON.stringify({
    readings: Array.from({ length: readings }, (_, place) => {
      const series = Math.floor(place / perSeries);
      return {
        device: `device-${series >> 2}`,
        metric: `m${series & 3}`,
        ts: new Date(fromMs + (n * perSeries + (place % perSeries)) * 100).toISOString(),
        value: (n * readings + place) / 7,
      };
    }),
  });
}

async function run(order: ReadingsOrder): Promise<ReadingsSent> {
  const agent = new Agent({ keepAlive: true, maxSockets: order.connections });
  const refusals: Record<string, number> = {};
  const timesMs: number[] = [];
  let next = 0;
  const loop = async () => {
    while (next < order.amount) {
      const n = next++;
      const body = bodyOf(order, n);
      const startedAt = performance.now();
      const status = await post(order, agent, body);
      timesMs.push(performance.now() - startedAt);
      if (status !== 200) refusals[status] = (refusals[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: order.connections }, loop));
  agent.destroy();
  return { refusals, timesMs };
}

function post({ url, headers }: ReadingsOrder, agent: Agent, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method: 'POST', agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
      (incoming) => {
        incoming.resume();
        incoming.once('end', () => resolve(incoming.statusCode ?? 0));
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
