import { insertEvent } from '@platen/chassis/bus/outbox';
import type { Tx } from '@platen/chassis/db/types';
import { finishDueWork } from '@platen/chassis/due-work/entries';
import type { DueCall, DueLine } from '../../../due-work/due-work.js';
import type { WorkCtx } from '../../module.js';
import { putCount, runCountDue } from './count-due.js';
import { findIncrease, listMinutes } from './counts-repo.js';
import { cycleSeconds } from './cycle.js';
import { partsOfSpan } from './run-span.js';
import { lockRun, type RunRow, updateRunCount } from './runs-repo.js';

/** A job is told no more often: a board that changes each second is no better to read. */
export const tellEverySeconds = 5;
/** What a process that died has left is counted after so long at most. */
const openEverySeconds = 60;
/** What comes late for a run that has ended is looked for, less and less often. */
const endedEverySeconds = 3_600;
const lateMs = 48 * 3_600_000;
/** Devices whose clocks are ahead count too. */
const aheadMs = 3_600_000;
/** The cycle is of the last half hour of work, give or take. */
const cycleMinutes = 30;

/** Runs are counted from what is rolled up, each time from their beginning: late and repeated readings come out right. */
export const runCountLine: DueLine = {
  kinds: [runCountDue],
  database: 'telemetry',
  leaseSeconds: 60,
  atOnce: 2,
  run: (call) => runDueCount(call),
};

export const runDueCount = (call: DueCall): Promise<void> =>
  call.db.transaction(async (tx) => {
    const run = await lockRun(tx, call.work.ref_id);
    // Put anew rather than put off: tries are counted by those that fail, one after the other.
    await finishDueWork(tx, call.work);
    if (run === undefined) return;
    await countRun(tx, call, run);
    const nowMs = call.now().getTime();
    if (run.ended_ms === null) putCount(tx, call, run.id, { inSeconds: openEverySeconds });
    else if (nowMs < run.ended_ms + lateMs) putCount(tx, call, run.id, { inSeconds: endedEverySeconds });
  });

/**
 * Counts a locked run and tells its job when it has news: of pieces, or of its beginning or end (`isNews`). What was told
 * once is never taken back. True: more than there is was told of it, and what counted came after its end.
 */
export async function countRun(tx: Tx, ctx: WorkCtx, run: RunRow, isNews = false): Promise<boolean> {
  const nowMs = ctx.now().getTime();
  const span = { fromMs: run.started_ms, toMs: run.ended_ms ?? nowMs + aheadMs };
  const [counts, minutes] = await Promise.all([
    findIncrease(tx, run, partsOfSpan(span)),
    listMinutes(tx, run, { fromMs: Math.floor(span.fromMs / 60_000) * 60_000, toMs: span.toMs }, cycleMinutes),
  ]);
  const isOvertold = wholeOf(counts * run.pieces_per_count) < run.told_pieces && (await countsOn(tx, run, nowMs));
  const counted = Math.max(run.counted, counts * run.pieces_per_count);
  const pieces = Math.min(wholeOf(counted), 1_000_000_000);
  const untilMs = minutes.at(-1)?.lastMs ?? run.counted_until_ms;
  const tells = isNews || pieces > run.told_pieces;
  updateRunCount(tx, run.id, {
    counted,
    untilMs,
    toldPieces: tells ? pieces : run.told_pieces,
    toldMs: tells ? nowMs : run.told_ms,
  });
  if (!tells) return isOvertold;
  const [first] = minutes;
  const sinceMs = first === undefined || first.lastMs - 60_000 < run.started_ms ? run.started_ms : first.lastMs;
  tell(tx, ctx, run, { pieces, untilMs, cycle: cycleSeconds(minutes, run.pieces_per_count, sinceMs) });
  return isOvertold;
}

/** Did it count after its end? */
const countsOn = async (tx: Tx, run: RunRow, nowMs: number): Promise<boolean> =>
  run.ended_ms !== null &&
  (await findIncrease(tx, run, partsOfSpan({ fromMs: run.ended_ms, toMs: nowMs + aheadMs }))) > 0;

/** Sums of fractions: nine tenths and one are a piece. */
const wholeOf = (counted: number): number => Math.floor(counted + 1e-6);

interface Told {
  readonly pieces: number;
  readonly untilMs: number | null;
  readonly cycle: number | null;
}

function tell(tx: Tx, ctx: WorkCtx, run: RunRow, { pieces, untilMs, cycle }: Told): void {
  const at = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  const { tenant, organizationId, correlationId, traceparent } = ctx;
  const origin = {
    tenant,
    organizationId,
    workspaceId: run.workspace_id,
    correlationId,
    traceparent,
    newId: () => ctx.newId(),
  };
  insertEvent(tx, origin, {
    type: 'telemetry.job.progressed',
    aggregateId: run.id,
    data: {
      job_id: run.job_id,
      run: {
        id: run.id,
        device_id: run.device_id,
        device_name: run.device_name,
        started_at: new Date(run.started_ms).toISOString(),
        ended_at: at(run.ended_ms),
        pieces,
        cycle_seconds: cycle,
        counted_at: at(untilMs),
        next_stage_id: run.next_stage_id,
      },
    },
  });
}
