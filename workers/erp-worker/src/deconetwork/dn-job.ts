import type { DnSyncResult } from '@platen/schema/contracts/data/job-shapes';
import type { DnTask } from '@platen/schema/states/deconetwork';
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

export const nothingDone = (task: DnTask): DnSyncResult => ({
  kind: 'dn_sync',
  task,
  created: 0,
  updated: 0,
  unchanged: 0,
  failed: 0,
  review: 0,
  undone: 0,
  refused: 0,
  differs: 0,
  missing: 0,
  written: 0,
});
