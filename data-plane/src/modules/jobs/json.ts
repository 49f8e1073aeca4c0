import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { Job } from '@platen/schema/contracts/data/job-shapes';

/** SQL of a job's JSON over a row of erp_jobs under the alias `t`. */
export const jobJson = jsonSelect(Job, {
  id: 't.id',
  kind: 't.kind',
  status: 't.status',
  title: 't.title',
  progress: 't.progress',
  progress_total: 't.progress_total',
  attempts: 't.attempts',
  requested_by: 't.requested_by',
  run_after: 't.run_after',
  started_at: 't.started_at',
  finished_at: 't.finished_at',
  cancel_requested_at: 't.cancel_requested_at',
  expires_at: 't.expires_at',
  result: jsonExpression('t.result'),
  error: jsonExpression('t.error'),
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});
