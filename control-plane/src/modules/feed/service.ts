import { Readable } from 'node:stream';
import type { Sweep } from '@platen/chassis/db/sweeps';
import type { SystemDatabase } from '@platen/chassis/db/system-database';
import { AppError } from '@platen/chassis/http/app-error';
import type { FeedChange, FeedEntity } from '@platen/schema/contracts/internal/feed';
import { deleteInstance } from './instances.js';
import * as repo from './repo.js';
import { shareNext } from './shared-parts.js';
import { readSnapshotParts } from './snapshot.js';
import type { WakeUp } from './wake-up.js';

export interface FeedService {
  readSnapshot(): Promise<{ position: string; entities: FeedEntity[] }>;
  /** The same as NDJSON, for readers elsewhere: what Postgres wrote is passed on unread. */
  streamSnapshot(): Promise<Readable>;
  /** Waits for a change if there is none. */
  listChanges(input: ChangesInput): Promise<{ changes: FeedChange[]; position: string }>;
  reportInstance(report: repo.InstanceReport): Promise<void>;
  /** Of a data plane that stops. One that is not there any more is no error. */
  forgetDataPlane(instanceId: string): Promise<void>;
}

export interface ChangesInput {
  readonly after: string;
  readonly waitMs: number;
  readonly limit: number;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** Far longer than any token lives, and than a data plane trusts a snapshot (24 h). */
const retentionSeconds = 7 * 86_400;

export const feedSweep: Sweep = {
  name: 'changes',
  deleteSome: (db, limit) => repo.deleteChangesOlderThan(db, retentionSeconds, limit),
};

export function createFeedService(deps: {
  readonly db: Pick<SystemDatabase, 'query' | 'transaction'>;
  readonly wakeUp: WakeUp;
}): FeedService {
  const { db, wakeUp } = deps;
  const readParts = shareNext((add) => readSnapshotParts(db, add));
  return {
    async readSnapshot() {
      const [head = '{}', ...lines] = await allOf(await readParts());
      // Both casts: the shapes are those of the statement's own JSON.
      const { position } = JSON.parse(head) as { position: string };
      return { position, entities: lines.map((line) => JSON.parse(line) as FeedEntity) };
    },

    async streamSnapshot() {
      const parts = (await readParts())[Symbol.asyncIterator]();
      // Before anything is sent: a database that is away is an answer of its own, not one that breaks off.
      const first = await parts.next();
      return Readable.from(withEnd(first, parts));
    },

    async listChanges({ after, waitMs, limit, signal }) {
      const deadline = performance.now() + waitMs;
      let checked = false;
      for (;;) {
        const leave = new AbortController();
        const abandon = () => leave.abort();
        signal?.addEventListener('abort', abandon);
        // Waiting begins before looking: a change that comes in between would otherwise not be heard.
        const call = wakeUp.wait(Math.max(0, deadline - performance.now()), leave.signal);
        try {
          const changes = await repo.listChanges(db, after, limit);
          // After the look, so that what retention took before it is noticed.
          if (!checked && (await repo.isPositionGone(db, after))) throw new AppError('feed_gone');
          checked = true;
          const position = changes.at(-1)?.position ?? after;
          if (changes.length > 0 || signal?.aborted || performance.now() >= deadline) return { changes, position };
          if (!(await call)) return { changes, position };
        } finally {
          signal?.removeEventListener('abort', abandon);
          leave.abort();
        }
      }
    },

    reportInstance: (report) => repo.upsertInstanceReport(db, report),
    forgetDataPlane: (instanceId) => deleteInstance(db, instanceId, 'data-plane'),
  };
}

type Lines = readonly string[];

async function allOf(parts: AsyncIterable<Lines>): Promise<Lines> {
  const lines: Lines[] = [];
  for await (const part of parts) lines.push(part);
  return lines.flat();
}

async function* withEnd(first: IteratorResult<Lines>, parts: AsyncIterator<Lines>): AsyncGenerator<string> {
  // The first line is the position, not an entity.
  let count = -1;
  let chunk = '';
  for (let part = first; !part.done; part = await parts.next()) {
    count += part.value.length;
    for (const line of part.value) {
      chunk += `${line}\n`;
      if (chunk.length < chunkLength) continue;
      yield chunk;
      chunk = '';
    }
  }
  yield `${chunk}${JSON.stringify({ end: true, count })}\n`;
}

/** What a reader that is slow keeps waiting, beside the lines that all share. */
const chunkLength = 65_536;
