import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Client } from '@platen/sdk';
import type { Random } from '../random.js';
import type { DnStage } from './stage.js';

export type ImportJob = Answer<Client['erp']['dn']['importJobs']['get']>;

const pollMs = 50;
/** Without any news for so long, a job has stopped. */
const standstillMs = 180_000;
/** A job that was lost by its fifth worker has failed. */
export const mostKills = 4;

/** How the next worker comes by the job of one that was killed. */
export type Inheritance = 'by itself' | 'in SQL';
export interface Kill {
  /** Of the job's records. */
  readonly atFraction: number;
  readonly inheritance: Inheritance;
}

/** At random. Leases end in SQL, but perhaps the first: waiting for each would take half a minute. */
export const randomKills = (random: Random, count: number, first: Inheritance): Kill[] =>
  Array.from({ length: count }, () => 0.05 + random(850) / 1_000)
    .sort((a, b) => a - b)
    .map((atFraction, index) => ({ atFraction, inheritance: index === 0 ? first : 'in SQL' }));

export interface Followed {
  readonly job: ImportJob;
  readonly attempts: number;
  /** Progress at each kill, of how many, and how the lease ended. */
  readonly kills: readonly string[];
  /** From a kill until another worker had the job. */
  readonly waitedMs: number;
}

/** Until the job has ended; at each of the fractions its worker is killed. */
export async function followJob(
  stage: DnStage,
  id: string,
  { kills = [], onPoll = async () => undefined }: { kills?: readonly Kill[]; onPoll?: () => Promise<void> } = {},
): Promise<Followed> {
  const killed: string[] = [];
  let [waitedMs, killedAtMs, killedAttempt] = [0, 0, 0];
  let last = '';
  for (let sinceMs = performance.now(); ; await delay(pollMs)) {
    const row = await jobRow(stage, id);
    if (row.status === 'succeeded' || row.status === 'failed' || row.status === 'cancelled') {
      return { job: await stage.client.erp.dn.importJobs.get({ id }), attempts: row.attempts, kills: killed, waitedMs };
    }
    if (killedAttempt > 0 && row.attempts > killedAttempt) {
      waitedMs += performance.now() - killedAtMs;
      killedAttempt = 0;
    }
    const next = killedAttempt > 0 ? undefined : kills[killed.length];
    const total = row.progress_total ?? 0;
    if (next && row.status === 'running' && total > 0 && row.progress >= next.atFraction * total) {
      await stage.worker.kill();
      [killedAtMs, killedAttempt] = [performance.now(), row.attempts];
      killed.push(`${row.progress} of ${total}, lease ended ${next.inheritance}`);
      if (next.inheritance === 'in SQL') await endLease(stage, id);
      await stage.worker.start();
    }
    await onPoll();
    const now = JSON.stringify(row);
    if (now !== last) sinceMs = performance.now();
    last = now;
    if (performance.now() - sinceMs > standstillMs) throw new Error(`The job ${id} stands still: ${now}`);
  }
}

interface JobRow {
  readonly status: string;
  readonly progress: number;
  readonly progress_total: number | null;
  readonly attempts: number;
}
async function jobRow({ erp }: DnStage, id: string): Promise<JobRow> {
  const { rows } = await erp.query<JobRow>(
    'select status, progress, progress_total, attempts from erp_jobs where id = $1',
    [id],
  );
  if (!rows[0]) throw new Error(`There is no job ${id}`);
  return rows[0];
}

/** Its worker is heard of no more, at once rather than in half a minute. */
export async function endLease({ erp }: DnStage, id: string): Promise<void> {
  await erp.query(
    `with job as (update erp_jobs set lease_until = now() - interval '1 s' where id = $1 and status = 'running')
     update due_work set due_at = now() - interval '1 s' where ref_id = $1`,
    [id],
  );
}

export const synchronize = async (stage: DnStage, connectionId: string): Promise<Followed> =>
  followJob(stage, (await stage.client.erp.dn.sync.start({ connection_id: connectionId })).id);

/** What is wrong with how a job ended. */
export const endingOf = (what: string, { job }: Followed, allowed: { review?: boolean } = {}): string[] => {
  const { status, error, counts } = job;
  return [
    ...(status === 'succeeded' ? [] : [`${what} ${status}: ${JSON.stringify(error)}`]),
    ...(counts.failed === 0 ? [] : [`${what}: ${counts.failed} rows failed`]),
    ...(counts.review === 0 || allowed.review ? [] : [`${what}: ${counts.review} rows wait for review`]),
  ];
};
