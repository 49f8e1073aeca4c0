import { createChecker } from '@platen/chassis/validation/checker';
import { type DnSyncResult, nothingDone } from '@platen/schema/contracts/data/job-shapes';
import type { DnAccess, DnReading } from '@platen/schema/contracts/internal/deconetwork';
import type { DnTask } from '@platen/schema/states/deconetwork';
import { type Static, Type } from 'typebox';
import { JobFailure } from '../jobs/processor.js';
import { batchesOf } from './batches.js';
import { callOf, type DnJob, placeOf } from './dn-job.js';
import { type ReadingPosition, readingStart, readWindow } from './read-window.js';
import { conditionsOf, type FoundRow, search, searched } from './search.js';
import type { SiteClient } from './site-client.js';
import { ListUnsettled } from './sweep.js';

const Moment = Type.Union([Type.String(), Type.Null()]);
const Count = Type.Integer({ minimum: 0 });
const KeptCursor = Type.Object({
  /** Which of the readings. */
  reading: Count,
  at: Type.Object({
    offset: Count,
    tail: Type.Array(Type.String()),
    setbacks: Count,
    pass: Count,
    since: Moment,
    mark: Moment,
    begun: Moment,
  }),
  /** Calls with records so far: a repeat of one has its number. */
  step: Count,
  done: Count,
  /** Of the readings that were begun. */
  total: Count,
});
type Cursor = Omit<Static<typeof KeptCursor>, 'at'> & { readonly at: ReadingPosition };
const cursors = createChecker(KeptCursor);

/** Each record is a transaction, and what is nowhere there is looked for by the end of a comparison. */
const applyMs = 120_000;

const start: Cursor = { reading: 0, at: readingStart, step: 0, done: 0, total: 0 };
/** Of a site without dates: an import without an end of its own moves no cursor by it. */
const longAgo = '1970-01-01T00:00:00.000Z';

/** Reads what is to be read, kind by kind, and hands it to the plane page by page. @throws JobFailure, SiteError */
export async function readRecords(
  dn: DnJob,
  site: SiteClient,
  opened: { readonly task: DnTask; readonly access: DnAccess; readonly readings: readonly DnReading[] },
): Promise<DnSyncResult> {
  let cursor = cursorOf(dn.job.cursor);
  let result = nothingDone(opened.task);
  for (const [index, reading] of opened.readings.entries()) {
    if (index < cursor.reading) continue;
    const read = await readKind(dn, site, { reading, fieldMap: opened.access.field_map, cursor });
    const { kind } = reading;
    const finished = await dn.plane.deconetworkRecords.finishReading(
      { ...placeOf(dn), kind, read_to: read.readTo ?? longAgo },
      { ...callOf(dn), deadlineMs: applyMs },
    );
    result = finished.result;
    cursor = { ...read.cursor, reading: index + 1, at: readingStart };
    say(dn, cursor);
  }
  return result;
}

async function readKind(
  dn: DnJob,
  site: SiteClient,
  from: { readonly reading: DnReading; readonly fieldMap: DnAccess['field_map']; readonly cursor: Cursor },
): Promise<{ readonly readTo: string | null; readonly cursor: Cursor }> {
  const { kind, modified_from, modified_to } = from.reading;
  const { signal } = dn.run;
  let cursor = from.cursor;
  let isCounted = cursor.at.pass > 0 || cursor.at.offset > 0;
  // Without one all is read each time, and what changed meanwhile can't be asked for.
  const sortBy = from.fieldMap[searched[kind].modified];
  const window = { from: modified_from, to: modified_to };
  try {
    const readTo = await readWindow<FoundRow>(window, isCounted ? cursor.at : readingStart, {
      fetch: async (part, offset, limit) => {
        signal.throwIfAborted();
        const page = await search(site, kind, {
          conditions: conditionsOf(kind, part, from.fieldMap),
          offset,
          limit,
          sortBy,
        });
        return page;
      },
      deliver: async (rows, next, total) => {
        let { step } = cursor;
        for (const batch of batchesOf(rows)) {
          signal.throwIfAborted();
          step += 1;
          await dn.plane.deconetworkRecords.records(
            { ...placeOf(dn), step, ...batch },
            { ...callOf(dn), deadlineMs: applyMs },
          );
        }
        const counted = isCounted ? cursor.total : cursor.total + (total ?? rows.length);
        isCounted = true;
        const done = cursor.done + rows.length;
        cursor = { ...cursor, at: next, step, done, total: Math.max(counted, done) };
        say(dn, cursor);
      },
    });
    return { readTo, cursor };
  } catch (error) {
    if (error instanceof ListUnsettled) throw new JobFailure('site_unsettled', error.message, { mayRetry: true });
    throw error;
  }
}

const say = ({ run }: DnJob, cursor: Cursor): void => run.progress(cursor.done, cursor.total, JSON.stringify(cursor));

function cursorOf(text: string | null): Cursor {
  if (text === null) return start;
  const cursor: unknown = JSON.parse(text);
  // Of another version of this process: what is done is found done.
  return cursors.check(cursor) ? cursor : start;
}
