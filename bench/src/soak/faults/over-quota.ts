import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { plans, tenants } from '@platen/schema/seeds/identities';
import { runSql, startBenchPlatform } from '../../environment/platform.js';
import { signIn } from '../../environment/sign-in.js';
import { cpuOfProcess } from '../../measure/cpu.js';
import { giveWay } from '../../measure/give-way.js';
import { stopChild } from '../../measure/load.js';
import type { Promised } from '../outcome.js';
import type { FaultContext } from './fault.js';
import { startOthersWork } from './others-work.js';
import type { OverQuotaAnswers, OverQuotaOrder } from './over-quota.child.js';

const times = 20;
const quota = plans.starter.limits.requests_per_minute;
const warmUpMs = 3_000;
/** Quiet and troubled take turns, so that what else happens on the machine meets both. */
const rounds = 3;
const phaseSeconds = 7;

/** Somebody of Acme sends twenty times what the plan allows, on and on, while Globex works. */
export async function overQuota({ say, onStop }: FaultContext): Promise<Promised> {
  const platform = await startBenchPlatform({ profileDir: null, autovacuum: true });
  onStop(() => platform.stop());
  await runSql(
    platform.superuserUrl('control'),
    `update tenant_platform_limits set value = $2 where tenant_id = $1 and limit_code = 'requests_per_minute'`,
    [tenants.acme.id, quota],
  );
  await platform.start('control-plane');
  const plane = await platform.start('data-plane');
  const tokenOf = async (slug: 'acme' | 'globex') =>
    (await signIn(platform.urls.control, `${slug}.localhost`, `admin@${slug}.test`)).accessToken;
  const child = fork(fileURLToPath(new URL('./over-quota.child.js', import.meta.url)), { detached: true });
  onStop(() => stopChild(child));
  giveWay(child.pid ?? 0);
  const token = await tokenOf('acme');
  const others = startOthersWork(platform.urls.data, await tokenOf('globex'));
  await delay(warmUpMs);
  const sent: OverQuotaAnswers[] = [];
  let planeMs = 0;
  for (let round = 0; round < rounds; round += 1) {
    others.phase('quiet');
    await delay(phaseSeconds * 1_000);
    others.phase('troubled');
    const beforeMs = cpuOfProcess(plane.pid);
    const order: OverQuotaOrder = {
      ...{ url: platform.urls.data, host: 'acme.localhost', token, seconds: phaseSeconds, run: `over-${round}` },
      perSecond: Math.round((quota / 60) * times),
    };
    child.send(order);
    const [answers] = (await once(child, 'message')) as [OverQuotaAnswers];
    planeMs += cpuOfProcess(plane.pid) - beforeMs;
    sent.push(answers);
    say(`round ${round + 1} of ${rounds}: ${JSON.stringify(answers.statuses)}`);
  }
  const judged = await others.end();
  const seconds = sent.reduce((sum, one) => sum + one.seconds, 0);
  const countOf = (status: number) => sent.reduce((sum, one) => sum + (one.statuses[status] ?? 0), 0);
  const all = sent.flatMap(({ statuses }) => Object.values(statuses)).reduce((sum, count) => sum + count, 0);
  return {
    promises: [...judged.promises, ...judgeFlood(sent, { admitted: countOf(200) + countOf(201), seconds })],
    figures: [
      `${times} × the quota of ${quota} a minute: ${Math.round(all / seconds)} requests/s, ${countOf(429)} of ${all} answered with 429; ${judged.figure}`,
      `the plane takes ${(planeMs / seconds / 10).toFixed(0)} % of a core meanwhile`,
    ],
  };
}

/** A bucket begins full and fills while it is drawn from; reads and writes have one each. */
function judgeFlood(
  sent: readonly OverQuotaAnswers[],
  { admitted, seconds }: { readonly admitted: number; readonly seconds: number },
): Promised['promises'] {
  const most = 2 * (quota + (quota / 60) * (seconds + rounds * phaseSeconds) + 1);
  const odd = sent.flatMap(({ statuses }) =>
    Object.entries(statuses).filter(([status]) => !['200', '201', '429'].includes(status)),
  );
  const refused = sent.reduce((sum, { statuses }) => sum + (statuses['429'] ?? 0), 0);
  const silent = sent.reduce((sum, { withoutRetryAfter }) => sum + withoutRetryAfter, 0);
  return [
    {
      promise: 'it is a flood: what is meant to be sent in a time is sent in it',
      broken:
        rounds * phaseSeconds > 0.8 * seconds
          ? []
          : [`it took ${seconds.toFixed(0)} s instead of ${rounds * phaseSeconds}`],
    },
    {
      promise: 'who sends too much gets what the plan allows, and else 429 with Retry-After',
      broken: [
        ...(refused === 0 ? ['nothing was refused'] : []),
        ...(admitted > most ? [`${admitted} were let through, ${most.toFixed(0)} at most`] : []),
        ...(silent > 0 ? [`${silent} answers of 429 without Retry-After`] : []),
        ...odd.map(([status, count]) => `${count} answers of ${status}`),
      ],
    },
  ];
}
