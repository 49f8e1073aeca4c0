/** A tenant at its daily work: requests at times that are set, however long the ones before take. */

import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { call, jsonHeaders } from '../../environment/http.js';
import { obey } from '../../measure/obey.js';
import { hostOf } from './lane.js';
import { type NeighbourAnswers, type NeighbourOrder, neighbourKinds } from './neighbour-order.js';

obey<NeighbourOrder>(work);

const agent = new Agent({ keepAlive: true });

async function work(order: NeighbourOrder): Promise<NeighbourAnswers> {
  const timesMs: NeighbourAnswers['timesMs'] = { series: [], latest: [], post: [], orders: [] };
  const refusals: Record<string, number> = {};
  const startedAtMs = performance.now();
  const pending: Promise<void>[] = [];
  const count = Math.round((order.seconds * 1_000) / order.everyMs);
  for (let n = 0; n < count; n += 1) {
    const dueMs = startedAtMs + n * order.everyMs;
    const earlyMs = dueMs - performance.now();
    if (earlyMs > 0) await delay(earlyMs);
    const kind = neighbourKinds[n % neighbourKinds.length] ?? 'series';
    // It counts from when it is sent: that this process was late is not the plane's doing.
    const sentAtMs = performance.now();
    pending.push(
      ask(order, kind, n).then((status) => {
        timesMs[kind].push(performance.now() - sentAtMs);
        if (status !== 200) refusals[`${kind} ${status}`] = (refusals[`${kind} ${status}`] ?? 0) + 1;
      }),
    );
  }
  await Promise.all(pending);
  return { timesMs, refusals };
}

async function ask(order: NeighbourOrder, kind: (typeof neighbourKinds)[number], n: number): Promise<number> {
  const headers = { ...jsonHeaders(hostOf('globex')), authorization: `Bearer ${order.token}` };
  if (kind === 'post') {
    const device = `device-${order.firstDevice + (n % order.devices)}`;
    const body = `{"readings":[{"device":"${device}","metric":"m1","ts":${Date.now()},"value":${n}}]}`;
    const url = `${order.url}/api/telemetry/readings`;
    return (await call(url, { method: 'POST', headers, body, agent })).status;
  }
  const path = {
    series: `telemetry/series?devices=device-${order.firstDevice + (n % order.devices)}&metrics=m0,m1&from=${new Date(order.fromMs).toISOString()}&step=1m`,
    latest: 'telemetry/latest',
    orders: 'erp/orders?limit=20',
  }[kind];
  return (await call(`${order.url}/api/${path}`, { headers, agent })).status;
}
