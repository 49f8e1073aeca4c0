import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { type DueTime, putDueWork } from '@platen/chassis/due-work/entries';
import type { WorkCtx } from '../../module.js';

/** Of due work: a run whose counter is to be looked at. Its reference is the run. */
export const runCountDue = 'telemetry_run_count';

/** In the scope of the whole organization: a machine may stand in another workspace than the job. */
export function putCount(tx: Pick<Tx, 'defer'>, ctx: WorkCtx, runId: string, due: DueTime): void {
  const entry = { tenantId: ctx.tenant.id, organizationId: ctx.organizationId, workspaceId: null, refId: runId };
  putDueWork(tx, { ...entry, id: ctx.newId(), kind: runCountDue }, due);
}

const selectRuns = statement<{ id: string; told_ms: number | null }>(
  'telemetry_runs.touched',
  `select r.id, (extract(epoch from r.told_at) * 1000)::bigint as told_ms from tel_job_runs r
  where r.id = any (array(select w.ref_id from due_work w where w.kind = '${runCountDue}'))
    and exists (
      select from tel_devices d, tel_metrics m, unnest($1::int[], $2::int[], $3::timestamptz[], $4::timestamptz[])
        as changed (device_no, metric_no, since, until)
      where d.id = r.device_id and m.id = r.metric_id
        and changed.device_no = d.device_no and changed.metric_no = m.metric_no
        and changed.until >= r.started_at and (r.ended_at is null or changed.since < r.ended_at)
    ) order by r.id`,
  { parse: { told_ms: 'int' } },
);
export interface Changed {
  readonly deviceNo: number;
  readonly metricNo: number;
  readonly fromTs: Date;
  readonly toTs: Date;
}
/** Runs that something came for, in the order in which whoever puts several does. */
export const listTouched = (db: Queryable, changes: readonly Changed[]) =>
  db.query(selectRuns, [
    changes.map(({ deviceNo }) => deviceNo),
    changes.map(({ metricNo }) => metricNo),
    changes.map(({ fromTs }) => fromTs.toISOString()),
    changes.map(({ toTs }) => toTs.toISOString()),
  ]);
