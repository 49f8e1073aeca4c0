import { type Static, Type } from 'typebox';
import { contracts } from '../../contract.js';
import { jobKinds, jobStatuses } from '../../states/job.js';
import { JobError, JobResult } from '../data/job-shapes.js';
import { closed, Id, literals, nullable, Timestamp } from '../shapes.js';

const Count = Type.Integer({ minimum: 0, maximum: 2_147_483_647 });
const Attempt = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });
const Cursor = Type.String({ maxLength: 4_000 });
const LeaseSeconds = Type.Integer({ minimum: 5, maximum: 300, default: 30 });

/** As the event of the job names them. */
const place = {
  params: closed({ tenant_id: Id, id: Id }),
} as const;
const scope = { organization_id: Id, workspace_id: Type.Optional(nullable(Id)) };
/** Who has the job: the worker's process, and which of the job's attempts. */
const holder = { ...scope, owner: Id, attempt: Attempt };

/** Why a worker does not get a job that it asks for. */
export const claimRefusals = ['taken', 'finished', 'later', 'tenant_share', 'exclusive'] as const;
export type ClaimRefusal = (typeof claimRefusals)[number];

export const ClaimedJob = closed({
  attempt: Attempt,
  kind: literals(jobKinds),
  title: Type.String(),
  /** What it was asked for with; its processor checks it. */
  payload: Type.Unknown(),
  requested_by: nullable(Id),
  progress: Count,
  progress_total: nullable(Count),
  /** Where an earlier attempt stopped. */
  cursor: nullable(Cursor),
  lease_seconds: LeaseSeconds,
});
export type ClaimedJob = Static<typeof ClaimedJob>;

const service = { service: 'erp.job' } as const;
const jobPath = '/internal/tenants/:tenant_id/jobs/:id';
const status = literals(jobStatuses);

/** How a worker takes a job up and gives it back. Whoever comes with an attempt that is not the running one has lost it. */
export const jobs = contracts('internal.jobs', {
  claim: {
    ...place,
    method: 'POST',
    path: `${jobPath}/claim`,
    access: service,
    summary: 'Take a queued job up, if there is a place for one of its tenant',
    description: 'The same owner that asks again has it still, as the same attempt: its first answer may be lost.',
    body: closed({ ...scope, owner: Id, lease_seconds: Type.Optional(LeaseSeconds) }),
    status: 200,
    response: closed({ job: nullable(ClaimedJob), refused: nullable(literals(claimRefusals)) }),
    idempotency: 'exempt',
  },
  progress: {
    ...place,
    method: 'POST',
    path: `${jobPath}/progress`,
    access: service,
    summary: 'Renew the lease of a running job, and say how far it is',
    description: 'What is stored never goes back. `cancel`: somebody wants it to stop; release it.',
    body: closed({
      ...holder,
      progress: Type.Optional(Count),
      progress_total: Type.Optional(Count),
      cursor: Type.Optional(Cursor),
      lease_seconds: Type.Optional(LeaseSeconds),
    }),
    status: 200,
    response: closed({ cancel: Type.Boolean() }),
    errors: ['lease_lost'],
    idempotency: 'exempt',
  },
  complete: {
    ...place,
    method: 'POST',
    path: `${jobPath}/complete`,
    access: service,
    summary: 'A job is done',
    description: 'Saying so twice is fine.',
    body: closed({ ...holder, result: JobResult }),
    status: 200,
    response: closed({ status }),
    errors: ['lease_lost', 'validation_failed'],
    idempotency: 'exempt',
  },
  fail: {
    ...place,
    method: 'POST',
    path: `${jobPath}/fail`,
    access: service,
    summary: 'A job has failed',
    description: 'With `retry` it is queued again, for a later time, unless it has failed too often.',
    body: closed({ ...holder, error: JobError, retry: Type.Boolean() }),
    status: 200,
    response: closed({ status, run_after: nullable(Timestamp) }),
    errors: ['lease_lost'],
    idempotency: 'exempt',
  },
  release: {
    ...place,
    method: 'POST',
    path: `${jobPath}/release`,
    access: service,
    summary: 'Give a running job up',
    description: 'To whoever takes it next, or for good where it is to be cancelled.',
    body: closed({
      ...holder,
      progress: Type.Optional(Count),
      progress_total: Type.Optional(Count),
      cursor: Type.Optional(Cursor),
    }),
    status: 200,
    response: closed({ status }),
    errors: ['lease_lost'],
    idempotency: 'exempt',
  },
});
