/** Gateways that send readings: a process of its own, so that its work holds up nobody else's. */
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { call, jsonHeaders, type Reply } from '../../environment/http.js';
import {
  type FromSender,
  hostOf,
  type Lane,
  readingsOf,
  type SendOrder,
  type SentLane,
  type ToSender,
  valueAt,
} from './lane.js';

let tokens: Readonly<Record<Lane['tenant'], string>> = { acme: '', globex: '' };
let isOver = false;
const counted = { readings: 0, requests: 0 };
const tell = (message: FromSender): void => void process.send?.(message);

process.on('message', (message: ToSender) => {
  if (message.kind === 'tokens') ({ tokens } = message);
  else if (message.kind === 'count') tell({ kind: 'counted', ...counted });
  else if (message.kind === 'end') isOver = true;
  else
    void Promise.all(message.lanes.map((lane) => run(message, lane))).then(
      (lanes) => tell({ kind: 'sent', lanes }),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
});
process.once('disconnect', () => process.exit());

const shownOdd = 5;

async function run({ url }: SendOrder, lane: Lane): Promise<SentLane> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const refusals: Record<string, number> = {};
  const odd: string[] = [];
  const timesMs: number[] = [];
  const startedAtMs = performance.now() + Math.random() * (lane.everyMs ?? 0);
  let requests = 0;
  for (; !isOver; requests += 1) {
    if (lane.everyMs !== null) {
      const earlyMs = startedAtMs + requests * lane.everyMs - performance.now();
      if (earlyMs > 0) await delay(earlyMs);
    }
    const body = bodyOf(lane, requests);
    for (let tries = 1; ; tries += 1) {
      const sentAtMs = performance.now();
      const answer = await send(url, lane, body, agent);
      if (answer?.status === 200) {
        timesMs.push(performance.now() - sentAtMs);
        const fault = faultOf(lane, answer, tries);
        if (fault !== null && odd.length < shownOdd)
          odd.push(`request ${requests} of device ${lane.firstDevice}: ${fault}`);
        break;
      }
      const status = answer?.status ?? 0;
      refusals[status] = (refusals[status] ?? 0) + 1;
      await delay(lane.retryMs);
    }
    counted.requests += 1;
    counted.readings += readingsOf(lane);
  }
  agent.destroy();
  return { lane, requests, refusals, odd, timesMs };
}

const send = (url: string, { tenant }: Lane, body: string, agent: Agent): Promise<Reply | null> =>
  call(`${url}/api/telemetry/readings`, {
    method: 'POST',
    headers: { ...jsonHeaders(hostOf(tenant)), authorization: `Bearer ${tokens[tenant]}` },
    body,
    agent,
  }).catch(() => null);

/** What was sent once is new; what was sent again may have been stored before, as a whole or in no part. */
function faultOf(lane: Lane, { body }: Reply, tries: number): string | null {
  const { accepted, duplicates } = JSON.parse(body) as { accepted: number; duplicates: number };
  const size = readingsOf(lane);
  const isWhole = (accepted === size && duplicates === 0) || (tries > 1 && accepted === 0 && duplicates === size);
  return isWhole ? null : `${accepted} accepted and ${duplicates} duplicates of ${size} at try ${tries}`;
}

function bodyOf({ firstDevice, devices, metrics, perSeries, fromMs, stepMs }: Lane, request: number): string {
  const readings: string[] = [];
  for (let device = firstDevice; device < firstDevice + devices; device += 1)
    for (let metric = 0; metric < metrics; metric += 1)
      for (let n = request * perSeries; n < (request + 1) * perSeries; n += 1)
        readings.push(
          `{"device":"device-${device}","metric":"m${metric}","ts":${fromMs + n * stepMs},"value":${valueAt(n)}}`,
        );
  return `{"readings":[${readings.join(',')}]}`;
}
