import { firstTime } from '@platen/chassis/bus/inbox';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { CallCtx } from '@platen/chassis/http/types';
import type { BodyOf, OutputOf, ParamsOf } from '@platen/schema/contract';
import type { productionRuns, ToldRun } from '@platen/schema/contracts/internal/production-runs';
import type { ActorCtx, ModuleDeps } from '../module.js';
import { enterScope } from '../worker-scope.js';
import { isApproved, listDesigns } from './artwork-repo.js';
import { type JobRow, lockJob, onNoMachine } from './jobs-repo.js';
import { writeMove } from './move-job.js';
import { type SharedOrder, shareOrderOf } from './orders-repo.js';
import { findEnd } from './places-repo.js';
import { ranksAfter, tagOf } from './rank.js';
import { hasRoom } from './requirements.js';
import { listRuns, putRun, type RunRow } from './runs-repo.js';
import { type LockedStage, lockStage } from './stages-repo.js';
import { type HistoryEntry, insertHistory, stateOf, tell, writeChange } from './write-change.js';

type Contract = typeof productionRuns.record;
export type RecordRun = (
  ctx: CallCtx,
  params: ParamsOf<Contract>,
  body: BodyOf<Contract>,
) => Promise<OutputOf<Contract>>;

/** Distinct effects of one event have names of their own. */
const consumer = 'production.run';
const nothing = { recorded: 0, moved: false };

/** What a machine counted, told to the job that was on it. Totals of the run: what is told late or twice changes nothing. */
export const createRecordRun =
  (deps: Pick<ModuleDeps, 'feed' | 'openDb'>): RecordRun =>
  async (called, { tenant_id: tenantId, id }, { event_id: eventId, run: told, ...named }) => {
    const { db, ...scope } = enterScope(deps, tenantId, named);
    const { correlationId, traceparent } = called;
    const ctx: ActorCtx = {
      ...scope,
      correlationId,
      traceparent,
      ifMatch: null,
      principal: { id: told.device_id },
      now: () => called.now(),
      newId: () => called.newId(),
    };
    return db.transaction(async (tx) => {
      if (!(await firstTime(tx, { tenantId, consumer, eventId }))) return nothing;
      return recordTold(tx, ctx, id, told);
    });
  };

async function recordTold(tx: Tx, ctx: ActorCtx, id: string, told: ToldRun): Promise<OutputOf<Contract>> {
  const [order, stage, job, runs] = await Promise.all([
    shareOrderOf(tx, id),
    told.next_stage_id === null ? undefined : lockStage(tx, told.next_stage_id),
    lockJob(tx, id),
    listRuns(tx, id, told.id),
  ]);
  if (!job) throw new AppError('not_found');
  const known = runs.find((run) => run.id === told.id);
  const takes = takesPieces(job, order);
  const left = takes ? job.quantity - job.quantity_done - job.quantity_scrapped : 0;
  const run = merged(job, known, told);
  const recorded = Math.min(run.pieces - run.recorded, left);
  const stored = { ...run, recorded: run.recorded + recorded };
  putRun(tx, ctx, job, stored);
  if (job.status !== 'open') return nothing;
  const open = inOrder([...runs.filter((other) => other.id !== told.id), stored]).filter(isOpen);
  const changed = writeCounted(tx, ctx, job, { recorded, open, entries: entriesOf(known, stored) });
  const isFull = recorded > 0 && recorded === left;
  const moved =
    isFull && stage !== undefined && stored.stage_id === job.stage_id && (await moveOn(tx, ctx, changed, stage));
  return { recorded, moved };
}

const isOpen = ({ ended_at }: RunRow): boolean => ended_at === null;
/** The same whichever was told last: a card with two machines names one of them all the time. */
const inOrder = (runs: readonly RunRow[]): RunRow[] => runs.toSorted((a, b) => (a.id < b.id ? -1 : 1));

const takesPieces = (job: JobRow, order: SharedOrder | undefined): boolean =>
  job.status === 'open' && order?.status === 'in_production';

/** Late news of a run never take back what was told before. */
function merged(job: JobRow, known: RunRow | undefined, told: ToldRun): RunRow {
  const { id, device_id, device_name, started_at } = told;
  const isNews = known?.counted_at == null || (told.counted_at !== null && told.counted_at >= known.counted_at);
  return {
    id,
    device_id,
    device_name: known?.device_name ?? device_name,
    stage_id: known?.stage_id ?? job.stage_id,
    started_at: known?.started_at ?? started_at,
    ended_at: known?.ended_at ?? told.ended_at,
    pieces: Math.max(known?.pieces ?? 0, told.pieces),
    recorded: known?.recorded ?? 0,
    cycle_seconds: isNews ? told.cycle_seconds : known.cycle_seconds,
    counted_at: isNews ? told.counted_at : known.counted_at,
  };
}

/** Counts are no history: every few seconds there is one. Where it was, and how much came of it, is. */
function entriesOf(known: RunRow | undefined, run: RunRow): HistoryEntry[] {
  const started = known === undefined;
  const ended = run.ended_at !== null && (known?.ended_at ?? null) === null;
  return [
    ...(started ? [{ kind: 'machine_started', reason: run.device_name } as const] : []),
    ...(ended ? [{ kind: 'machine_ended', quantity: run.pieces, reason: run.device_name } as const] : []),
  ];
}

interface Counted {
  readonly recorded: number;
  /** The runs of the job that go on. */
  readonly open: readonly RunRow[];
  readonly entries: readonly HistoryEntry[];
}

function writeCounted(tx: Tx, ctx: ActorCtx, job: JobRow, { recorded, open, entries }: Counted): JobRow {
  const quantity_done = job.quantity_done + recorded;
  const changes = { quantity_done, ...machineOf(open, job.quantity - quantity_done - job.quantity_scrapped) };
  const isSame = Object.entries(changes).every(([key, value]) => job[key as keyof typeof changes] === value);
  if (isSame && entries.length === 0) return job;
  const changed = writeChange(tx, ctx, job, changes, null);
  for (const entry of entries) insertHistory(tx, ctx, changed, entry);
  const state = stateOf(changed);
  tell(
    tx,
    ctx,
    job.workspace_id,
    recorded > 0
      ? { type: 'erp.production_job.pieces_done', aggregateId: job.id, data: { ...state, pieces: recorded } }
      : { type: 'erp.production_job.machine_changed', aggregateId: job.id, data: state },
  );
  return changed;
}

/** Machines at one job share what is left of it: together they make as many pieces a second as each by itself. */
function machineOf(open: readonly RunRow[], left: number): Pick<JobRow, keyof typeof onNoMachine> {
  const latest = open.at(-1);
  if (!latest) return onNoMachine;
  const perSecond = open.reduce((sum, { cycle_seconds: cycle }) => sum + (cycle === null ? 0 : 1 / cycle), 0);
  const countedAt = open.map(({ counted_at }) => counted_at ?? '').reduce((a, b) => (a > b ? a : b));
  const place = { device_id: latest.device_id, device_name: latest.device_name };
  if (left <= 0 || perSecond === 0 || countedAt === '') return { ...place, cycle_seconds: null, expected_end_at: null };
  const endMs = Date.parse(countedAt) + (left / perSecond) * 1000;
  return {
    ...place,
    cycle_seconds: Math.max(Number((1 / perSecond).toFixed(4)), shortestSeconds),
    expected_end_at: endMs > longestMs(countedAt) ? null : new Date(endMs).toISOString(),
  };
}
/** The last decimal of its column. */
const shortestSeconds = 0.0001;
/** A machine that makes a piece in a month predicts nothing. */
const longestMs = (from: string): number => Date.parse(from) + 366 * 86_400_000;

/** To the end of the next stage, unless that takes no card or not this one. */
async function moveOn(tx: Tx, ctx: ActorCtx, job: JobRow, stage: LockedStage): Promise<boolean> {
  if (stage.id === job.stage_id) return false;
  const [end, designs] = await Promise.all([findEnd(tx, stage.id, job.workspace_id), listDesigns(tx, job.id)]);
  if (!hasRoom(stage, end.count, 1)) return false;
  if (stage.requires_artwork && !designs.every(isApproved)) return false;
  const [rank = ''] = ranksAfter(end.last, 1, tagOf(ctx.workspaceId, ctx.newId()));
  writeMove(tx, ctx, job, { stageId: stage.id, rank });
  return true;
}
