import type { ClaimedJob, JobRun } from '../jobs/processor.js';
import type { DnPlane } from './plane.js';

/** A job at work. */
export interface DnJob {
  readonly plane: DnPlane;
  readonly job: ClaimedJob;
  readonly run: JobRun;
}

/** Whose job it is: every call names it. */
export const placeOf = ({ job, run: { scope, holder } }: DnJob) => ({
  tenant_id: scope.tenant_id,
  organization_id: scope.organization_id,
  workspace_id: scope.workspace_id,
  id: job.id,
  ...holder,
});

export const callOf = ({ run: { correlationId, signal } }: DnJob) => ({ correlationId, signal });
