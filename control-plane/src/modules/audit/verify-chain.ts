import type { auditProblemKinds } from '@platen/schema/contracts/platform/audit-events';
import { type ChainedEvent, hashOf, readEvent } from './event-hash.js';

export interface ChainProblem {
  /** null: of the chain as a whole. */
  readonly seq: number | null;
  readonly kind: (typeof auditProblemKinds)[number];
  readonly detail: string;
}

/** Where a chain ended at some time, as it was written down elsewhere: an export, a log line. */
export interface ChainPoint {
  readonly seq: number;
  readonly hash: string;
}

export interface ChainCheck {
  readonly checked: number;
  readonly lastSeq: number;
  readonly problems: readonly ChainProblem[];
}

/** Somebody who rewrote a whole chain needs no list of every event. */
const maxProblems = 100;

/**
 * Walks a chain from `start` on and says which events were changed, removed, reordered or replaced, and whether its end
 * is there. What it holds against is the chain itself, and the points: somebody who may rewrite every row can make a new
 * chain that fits itself, but not the hashes that were written down elsewhere.
 */
export async function verifyChain(input: {
  readonly lines: AsyncIterable<string>;
  readonly tenantId: string | null;
  readonly start?: ChainPoint;
  /** The head; null when there is none, undefined when the end is not asked for. */
  readonly head?: ChainPoint | null;
  readonly points?: readonly ChainPoint[];
}): Promise<ChainCheck> {
  const problems: ChainProblem[] = [];
  const tell = (seq: number | null, kind: ChainProblem['kind'], detail: string) => {
    if (problems.length < maxProblems) problems.push({ seq, kind, detail });
  };
  const points = new Map((input.points ?? []).map(({ seq, hash }) => [seq, hash]));
  let last: ChainPoint = input.start ?? { seq: 0, hash: '' };
  let checked = 0;
  for await (const line of input.lines) {
    checked += 1;
    const event = eventOf(line);
    if (event === null) {
      tell(null, 'unreadable', `what follows ${last.seq} is no audit event`);
      continue;
    }
    checkEvent(event, last, input.tenantId, tell);
    const known = points.get(event.seq);
    if (known !== undefined && known !== event.hash) {
      tell(event.seq, 'rewritten', `its hash was ${known} when it was written down elsewhere`);
    }
    points.delete(event.seq);
    if (event.seq > last.seq) last = { seq: event.seq, hash: event.hash };
  }
  const { head } = input;
  if (head !== undefined) {
    checkEnd(last, head, tell);
    for (const seq of points.keys()) {
      if (seq > last.seq) tell(seq, 'cut_off', 'it was there when it was written down elsewhere');
    }
  }
  return { checked, lastSeq: last.seq, problems };
}

type Tell = (seq: number | null, kind: ChainProblem['kind'], detail: string) => void;

function checkEvent(event: ChainedEvent, last: ChainPoint, tenantId: string | null, tell: Tell): void {
  const { seq } = event;
  if (event.tenantId !== tenantId) tell(seq, 'misplaced', 'it belongs to another chain');
  if (hashOf(event) !== event.hash) tell(seq, 'changed', 'its content is not what its hash is of');
  if (seq <= last.seq) tell(seq, 'misplaced', `it comes after ${last.seq}`);
  else if (seq > last.seq + 1) {
    const [first, end] = [last.seq + 1, seq - 1];
    tell(first, 'missing', first === end ? 'it is not there' : `${first} to ${end} are not there`);
  } else if (event.prevHash !== last.hash) {
    tell(
      seq,
      'unlinked',
      seq === 1 ? 'it is not the first' : `it does not follow ${last.seq}: one of them was replaced`,
    );
  }
}

function checkEnd(last: ChainPoint, head: ChainPoint | null, tell: Tell): void {
  if (head === null) {
    if (last.seq > 0) tell(null, 'head', 'the chain has no head');
  } else if (last.seq < head.seq) {
    tell(last.seq + 1, 'cut_off', `the head counts ${head.seq}, the last one is ${last.seq}`);
  } else if (last.seq > head.seq) {
    tell(head.seq + 1, 'head', `the head counts ${head.seq}, the last one is ${last.seq}`);
  } else if (last.hash !== head.hash) {
    tell(null, 'head', 'the head has another hash than the last event');
  }
}

function eventOf(line: string): ChainedEvent | null {
  try {
    return readEvent(line);
  } catch {
    return null;
  }
}
