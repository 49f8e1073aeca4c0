import { markOf, nextPosition, pageRows, type SweepPosition, sweepStart } from './sweep.js';

export interface Window {
  readonly from: string | null;
  readonly to: string | null;
}
export interface WindowRow {
  readonly id: string;
  readonly modifiedAt: string | null;
}
export interface WindowPage<Row> {
  readonly rows: readonly Row[];
  /** As the site counts; null: it does not. */
  readonly total: number | null;
}
export type FetchPage<Row> = (window: Window, offset: number, limit: number) => Promise<WindowPage<Row>>;

/** Where a reading is; the next attempt goes on from there. */
export interface ReadingPosition extends SweepPosition {
  /** 0: the whole window. Then what changed during the pass before, which may have moved past the reader. */
  readonly pass: number;
  /** Of a later pass: changed since then. */
  readonly since: string | null;
  /** No change that comes after the beginning of this pass is dated before it, by the site's own clock. */
  readonly mark: string | null;
  /** That of the first pass: from there the next reading goes on. */
  readonly begun: string | null;
}
export const readingStart: ReadingPosition = { ...sweepStart, pass: 0, since: null, mark: null, begun: null };

/** While something is changing all the time, what is left is the next reading's: its window begins before it. */
const maxPasses = 8;
/** A list that was counted as longer than what was found is read once more. */
const maxRounds = 2;

/**
 * Hands on every record that was in the window the whole time, and what changed meanwhile, each state of it once.
 * Returns the site's time at the beginning: whoever has kept one state of a record in a reading and no second one has
 * the other by the next reading. null: the site has said no time.
 * @throws ListUnsettled, and what `fetch` and `deliver` do
 */
export async function readWindow<Row extends WindowRow>(
  window: Window,
  start: ReadingPosition,
  io: {
    readonly fetch: FetchPage<Row>;
    /** New rows, perhaps none; `next` is where to go on after them. */
    readonly deliver: (rows: readonly Row[], next: ReadingPosition, total: number | null) => Promise<void>;
  },
): Promise<string | null> {
  const seen: Seen = { marks: new Set(), ids: new Set(), counted: null };
  let at = start;
  for (let round = 1; ; round += 1) {
    const mark = await readPasses(window, at, io, seen);
    // Of an attempt that went on from another's, nobody knows what that one has seen.
    const isShort = start === readingStart && seen.counted !== null && seen.ids.size < seen.counted;
    if (!isShort || round === maxRounds) return mark;
    at = readingStart;
  }
}

interface Seen {
  readonly marks: Set<string>;
  readonly ids: Set<string>;
  /** How many there were in the beginning. */
  counted: number | null;
}
type Io<Row extends WindowRow> = Parameters<typeof readWindow<Row>>[2];

async function readPasses<Row extends WindowRow>(
  window: Window,
  start: ReadingPosition,
  io: Io<Row>,
  seen: Seen,
): Promise<string | null> {
  for (let at = start; ; ) {
    const { foundNew, isOnePage, mark, begun } = await readPass(window, at, io, seen);
    // In one page nothing can have moved.
    const isLast = isOnePage || (at.pass > 0 && !foundNew) || at.pass === maxPasses;
    // Changes that are not dated can't be asked for.
    if (isLast || mark === null) return begun ?? window.from;
    at = passAfter(at.pass, mark, begun);
  }
}

async function readPass<Row extends WindowRow>(window: Window, start: ReadingPosition, io: Io<Row>, seen: Seen) {
  const ours: Window = start.since === null ? window : { ...window, from: start.since };
  let at = start;
  let foundNew = false;
  for (let pages = 1; ; pages += 1) {
    const { rows, total, mark } =
      at.offset === 0 ? await firstPage(ours, io) : { ...(await io.fetch(ours, at.offset, pageRows)), mark: at.mark };
    if (at.pass === 0 && at.offset === 0) seen.counted ??= total;
    const marked = rows.map((row) => ({ row, mark: markOf(row.id, row.modifiedAt) }));
    const fresh = [...new Map(marked.map((each) => [each.mark, each])).values()].filter(
      (each) => !seen.marks.has(each.mark),
    );
    const next = nextPosition(at, { marks: marked.map((each) => each.mark), total });
    const begun = at.pass === 0 ? mark : at.begun;
    at = { ...at, ...next, mark, begun };
    await io.deliver(
      fresh.map(({ row }) => row),
      next === null && mark !== null ? passAfter(at.pass, mark, begun) : at,
      total,
    );
    for (const each of fresh) {
      seen.marks.add(each.mark);
      seen.ids.add(each.row.id);
    }
    foundNew ||= fresh.length > 0;
    if (next === null) return { foundNew, isOnePage: pages === 1 && start.offset === 0, mark, begun };
  }
}

const passAfter = (pass: number, mark: string, begun: string | null): ReadingPosition => ({
  ...readingStart,
  pass: pass + 1,
  since: mark,
  begun,
});

/**
 * With the latest date that was known before it was read: all that changes afterwards is dated then or later. Of a list
 * that does not begin with its newest, the last is asked for first, or most of the list would be read once more.
 */
async function firstPage<Row extends WindowRow>(window: Window, io: Io<Row>) {
  const page = await io.fetch(window, 0, pageRows);
  const mark = latest(page.rows);
  const { total } = page;
  if (total === null || total <= pageRows || isNewestFirst(page.rows)) return { ...page, mark };
  const { rows } = await io.fetch(window, total - 1, 1);
  return { ...(await io.fetch(window, 0, pageRows)), mark: latest([...page.rows, ...rows]) };
}

const latest = (rows: readonly WindowRow[]): string | null =>
  rows.reduce<string | null>(
    (max, { modifiedAt }) => (modifiedAt !== null && (max === null || modifiedAt > max) ? modifiedAt : max),
    null,
  );

const isNewestFirst = (rows: readonly WindowRow[]): boolean =>
  rows.every(({ modifiedAt }, index) => index === 0 || (modifiedAt ?? '') <= (rows[index - 1]?.modifiedAt ?? ''));
