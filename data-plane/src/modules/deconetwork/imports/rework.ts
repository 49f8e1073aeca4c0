import { statement } from '@platen/chassis/db/statement';
import { AppError } from '@platen/chassis/http/app-error';
import { createChecker } from '@platen/chassis/validation/checker';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import { DnRecord, type deconetworkRework } from '@platen/schema/contracts/internal/deconetwork';
import { type ApplyEngine, countRows, type OpenedCall } from '../apply/index.js';
import { countRowsToRework, listRowsToRework, type ReworkTask } from './repo.js';

type Answer = OutputOf<typeof deconetworkRework.rework>;

/** A call of a worker is over well before its patience is. */
const longestMs = 3_000;
const records = createChecker(DnRecord);

const selectRecord = statement<{ record: object | null; raw: string | null }>(
  'dn.get_row_record',
  'select t.record, t.raw from dn_import_job_rows t where t.id = $1::uuid',
  { parse: { record: 'json' } },
);

/**
 * The next rows of the job that is tried again or undone, one after the other. A row that was seen to is never taken up
 * again, so that an attempt goes on where another ended.
 * @throws AppError lease_lost
 */
export async function rework(
  engine: ApplyEngine,
  { call, order, options }: OpenedCall,
  { cursor, limit = 50 }: Pick<BodyOf<typeof deconetworkRework.rework>, 'cursor' | 'limit'>,
): Promise<Answer> {
  const { task, of_job_id: ofJobId } = order;
  if ((task !== 'retry' && task !== 'undo') || ofJobId === null) throw new AppError('not_found');
  const ids = await listRowsToRework(call.db.leased, ofJobId, task, cursor, limit);
  const endsAtMs = performance.now() + longestMs;
  let last: string | null = null;
  for (const id of ids) {
    if (last !== null && performance.now() > endsAtMs) break;
    await one(task, id);
    last = id;
  }
  const isLast = ids.length < limit && last === (ids.at(-1) ?? null);
  const [{ rows, settled }, result] = await Promise.all([
    countRowsToRework(call.db.leased, ofJobId, task, call.jobId),
    countRows(call.db, call.jobId),
  ]);
  return { done: settled, total: settled + rows, cursor: isLast ? null : last, result };

  async function one(what: ReworkTask, id: string): Promise<void> {
    if (what === 'undo') {
      await engine.undoRow(call, id);
      return;
    }
    const [row] = await call.db.leased.query(selectRecord, [id]);
    const record = row && { ...row.record, raw: row.raw ?? '' };
    if (records.check(record)) await engine.applyRecord(call, record, options, id);
  }
}
