import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startBenchPlatform } from '../../environment/platform.js';
import { signIn } from '../../environment/sign-in.js';
import { giveWay } from '../../measure/give-way.js';
import { stopChild } from '../../measure/load.js';
import type { Promised, Tried } from '../outcome.js';
import type { FaultContext } from './fault.js';
import { startOthersWork } from './others-work.js';
import type { SlowSocketsAnswers, SlowSocketsOrder } from './slow-sockets.child.js';

const sockets = 500;
const cutWithinMs = 15_000;
/** The timer of who sends is as late as its process, which gives way to all others. */
const lateMs = 1_000;
const warmUpMs = 3_000;
const rounds = 2;
/** For a thousand requests in all rounds: the p99 of half as many is the fifth slowest, which is luck. */
const quietSeconds = 20;
const slowSeconds = 25;

/** Connections that send a byte a second, heads and bodies, by strangers and by people who are signed in. */
export async function slowSockets({ say, onStop }: FaultContext): Promise<Promised> {
  const platform = await startBenchPlatform({ profileDir: null, autovacuum: true });
  onStop(() => platform.stop());
  await platform.start('control-plane');
  await platform.start('data-plane');
  const tokenOf = async (slug: 'acme' | 'globex') =>
    (await signIn(platform.urls.control, `${slug}.localhost`, `admin@${slug}.test`)).accessToken;
  const child = fork(fileURLToPath(new URL('./slow-sockets.child.js', import.meta.url)), { detached: true });
  onStop(() => stopChild(child));
  giveWay(child.pid ?? 0);
  const token = await tokenOf('acme');
  const others = startOthersWork(platform.urls.data, await tokenOf('globex'));
  await delay(warmUpMs);
  const held: SlowSocketsAnswers[] = [];
  for (let round = 0; round < rounds; round += 1) {
    others.phase('quiet');
    await delay(quietSeconds * 1_000);
    others.phase('troubled');
    const order: SlowSocketsOrder = {
      ...{ port: Number(new URL(platform.urls.data).port), sockets, seconds: slowSeconds },
      kinds: kindsOf(token, round),
    };
    child.send(order);
    const [answers] = (await once(child, 'message')) as [SlowSocketsAnswers];
    held.push(answers);
    say(`round ${round + 1} of ${rounds}: ${Object.values(answers.livedMs).flat().length} connections were cut`);
  }
  const judged = await others.end();
  const { promise, figure } = judgeCuts(held);
  return {
    promises: [...judged.promises, promise],
    figures: [`${sockets} connections with a byte a second, ${figure}; ${judged.figure}`],
  };
}

function kindsOf(token: string, round: number): SlowSocketsOrder['kinds'] {
  const head = (target: string, fields: readonly string[]) =>
    [
      ...[`POST ${target} HTTP/1.1`, 'host: acme.localhost', 'x-correlation-id: slow-0123456789'],
      ...[`idempotency-key: slow-sockets-${round}`, ...fields, 'content-length: 100000', '', ''],
    ].join('\r\n');
  const signedIn = `authorization: Bearer ${token}`;
  return [
    { kind: 'heads', head: '', slowly: 'GET /api/erp/orders HTTP/1.1\r\nhost: acme.localhost\r\nx-slow: aaaaaaaaaaaa' },
    {
      kind: 'bodies',
      head: head('/api/erp/customers', ['content-type: application/json', signedIn]),
      slowly: '{"name": "aaaaaaa',
    },
    {
      kind: 'uploads',
      head: head('/api/telemetry/readings', ['content-type: application/x-ndjson', signedIn]),
      slowly: '{"device": "aaaaa',
    },
    {
      kind: "strangers' bodies",
      head: head('/api/erp/customers', ['content-type: application/json']),
      slowly: '{"name": "aaaaaaa',
    },
  ];
}

function judgeCuts(held: readonly SlowSocketsAnswers[]): { readonly promise: Tried; readonly figure: string } {
  const broken: string[] = [];
  const figures: string[] = [];
  for (const kind of kindsOf('', 0).map((one) => one.kind)) {
    const lived = held.flatMap(({ livedMs }) => livedMs[kind] ?? []);
    const standing = held.flatMap((one) => one.standing[kind] ?? []);
    const longestMs = Math.max(0, ...lived, ...standing);
    if (lived.length === 0) broken.push(`none of ${kind} was cut`);
    if (longestMs > cutWithinMs + lateMs) broken.push(`${kind} stood for ${(longestMs / 1_000).toFixed(1)} s`);
    figures.push(`${kind} ${(longestMs / 1_000).toFixed(1)} s`);
  }
  return {
    promise: { promise: `who is slow is cut within ${cutWithinMs / 1_000} s`, broken },
    figure: `the longest of ${figures.join(', ')}`,
  };
}
