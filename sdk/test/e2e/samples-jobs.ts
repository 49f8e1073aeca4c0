import { randomUUID } from 'node:crypto';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import type { Sample } from '@platen/chassis/testkit/security-table-attack';
import type { JobStatus } from '@platen/schema/states/job';
import type { DataSample, Victim } from './samples-data.js';
import { acme, acmePrint, mainStreet } from './world.js';

export interface MadeJob {
  readonly id: string;
  /** Who holds it, where it is running. */
  readonly owner: string;
}

/**
 * Puts jobs of the victim's workspace into a database. Past the product, without their due work: nothing of them comes
 * due while somebody looks whether an attack wrote anything.
 */
export const jobMaker =
  (superuserUrl: string): Victim['newJob'] =>
  (status, { kind, payload } = { kind: 'export', payload: {} }) =>
    asSuperuser(superuserUrl, async (client) => {
      const job = { id: randomUUID(), owner: randomUUID() };
      const isRunning = status === 'running';
      await client.query(
        `insert into erp_jobs (tenant_id, organization_id, workspace_id, id, kind, status, title, payload, run_after,
           correlation_id, attempts, lease_owner, lease_until, finished_at)
         values ($1, $2, $3, $4, $9, $5, 'Acceptance', $10, now(), 'acceptance', $6, $7, now() + $8::interval,
           case when $5 in ('succeeded', 'failed', 'cancelled') then now() end)`,
        [
          acme.id,
          acmePrint.id,
          mainStreet.id,
          job.id,
          status,
          status === 'queued' ? 0 : 1,
          isRunning ? job.owner : null,
          isRunning ? '10 minutes' : null,
          kind,
          payload,
        ],
      );
      return job;
    });

const byJob = async (victim: Victim, status: JobStatus): Promise<DataSample> => {
  const { id } = await victim.newJob(status);
  return { params: { id }, foreign: 'not_found', ids: [id], ofWorkspace: true };
};

export const jobSamples = {
  'erp.jobs.list': async (victim: Victim): Promise<DataSample> => {
    const { id } = await victim.newJob('queued');
    return { query: { limit: '200' }, foreign: 'unseen', ids: [id], ofWorkspace: true };
  },
  'erp.jobs.get': (victim: Victim) => byJob(victim, 'queued'),
  'erp.jobs.cancel': (victim: Victim) => byJob(victim, 'queued'),
  'erp.jobs.retry': (victim: Victim) => byJob(victim, 'failed'),
  'erp.jobs.events': (victim: Victim) => byJob(victim, 'failed'),
  'erp.jobs.allEvents': async (): Promise<DataSample> => ({ foreign: 'unseen', ids: [] }),
};

const workOn = async (victim: Victim, status: JobStatus, body: (job: MadeJob) => object): Promise<Sample> => {
  const job = await victim.newJob(status);
  const scope = { organization_id: acmePrint.id, workspace_id: mainStreet.id };
  return { params: { tenant_id: acme.id, id: job.id }, body: { ...scope, ...body(job) } };
};
const heldBy = ({ owner }: MadeJob) => ({ owner, attempt: 1 });
const exported = { kind: 'export', file_id: randomUUID(), file_name: 'orders.csv', byte_size: 1, rows: 1 };
// Longer than the whole run: a lease that ends would be found, and the job queued again, in the middle of another attack.
const longLease = { lease_seconds: 300 };

export const jobWorkSamples = {
  'internal.jobs.claim': ({ victim }: { victim: Victim }) =>
    workOn(victim, 'queued', ({ owner }) => ({ owner, ...longLease })),
  'internal.jobs.progress': ({ victim }: { victim: Victim }) =>
    workOn(victim, 'running', (job) => ({ ...heldBy(job), progress: 1, ...longLease })),
  'internal.jobs.complete': ({ victim }: { victim: Victim }) =>
    workOn(victim, 'running', (job) => ({ ...heldBy(job), result: exported })),
  'internal.jobs.fail': ({ victim }: { victim: Victim }) =>
    workOn(victim, 'running', (job) => ({ ...heldBy(job), error: { code: 'x', message: 'x' }, retry: false })),
  'internal.jobs.release': ({ victim }: { victim: Victim }) => workOn(victim, 'running', heldBy),
};
