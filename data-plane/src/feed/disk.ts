import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { FeedEntity } from '@platen/schema/contracts/internal/feed';
import { parseEntity } from './parse.js';

/** Raised when this build learns of more than older ones kept: what they wrote is then replaced as soon as possible. */
const format = 'platen-feed/2';

export interface FeedState {
  readonly position: bigint;
  readonly asOfMs: number;
  readonly entities: readonly FeedEntity[];
  /** After the snapshot, in order. */
  readonly changes: readonly { readonly position: bigint; readonly entity: FeedEntity | null }[];
  /** Written by another build. */
  readonly isForeign: boolean;
}

/** What a restart needs if the control plane is away: a snapshot, and a log of the changes after it. */
export interface FeedDisk {
  /** null: nothing there, or nothing that can be trusted, and why. */
  load(): Promise<{ readonly state: FeedState | null; readonly problem?: string }>;
  /** On the disk when this resolves. */
  append(changes: readonly { readonly position: string; readonly entity: unknown }[]): Promise<void>;
  /** The new snapshot takes the place of the old one and of the log, or nothing has happened. */
  replace(snapshot: Pick<FeedState, 'position' | 'asOfMs'> & { entities: Iterable<FeedEntity> }): Promise<void>;
  /** What is there has missed a change, so that a restart must not believe it. Works on a full disk too. */
  discard(): Promise<void>;
  readonly logByteSize: number;
  close(): Promise<void>;
}

export async function openFeedDisk(folder: string): Promise<FeedDisk> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = {
    snapshot: path.join(folder, 'snapshot.ndjson'),
    next: path.join(folder, 'snapshot.ndjson.next'),
    log: path.join(folder, 'changes.ndjson'),
  };
  const log = await open(files.log, 'a+', 0o600);
  let logByteSize = (await log.stat()).size;

  const cutLog = async (byteSize: number) => {
    await log.truncate(byteSize);
    await log.datasync();
    logByteSize = byteSize;
  };

  return {
    get logByteSize() {
      return logByteSize;
    },

    async load() {
      try {
        const snapshot = await readSnapshot(files.snapshot);
        if (!snapshot) return { state: null };
        const { changes, goodByteSize } = readLog(await readFile(files.log));
        if (goodByteSize < logByteSize) await cutLog(goodByteSize);
        return { state: { ...snapshot, changes } };
      } catch (error) {
        return { state: null, problem: error instanceof Error ? error.message : String(error) };
      }
    },

    async append(changes) {
      if (changes.length === 0) return;
      const text = Buffer.from(changes.map((change) => `${JSON.stringify(change)}\n`).join(''));
      try {
        await log.appendFile(text);
        await log.datasync();
        logByteSize += text.length;
      } catch (error) {
        // Half a line would join the next one, and make both unreadable.
        await cutLog(logByteSize).catch(() => undefined);
        throw error;
      }
    },

    async replace(snapshot) {
      try {
        await writeSnapshot(files.next, snapshot);
      } catch (error) {
        // A disk without room for two snapshots should at least have its room back.
        await rm(files.next, { force: true }).catch(() => undefined);
        throw error;
      }
      await rename(files.next, files.snapshot);
      await syncFolder(folder);
      // A stop before this is harmless: what the log repeats is older than the snapshot, and skipped.
      await cutLog(0);
    },

    async discard() {
      await rm(files.snapshot, { force: true });
      await syncFolder(folder);
      await cutLog(0);
    },

    close: () => log.close(),
  };
}

/** Lines are joined up to about this many characters a write, with other work in between. */
const chunkLength = 262_144;

async function writeSnapshot(file: string, snapshot: Parameters<FeedDisk['replace']>[0]): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    const asOf = new Date(snapshot.asOfMs).toISOString();
    let chunk = `${JSON.stringify({ format, position: String(snapshot.position), as_of: asOf })}\n`;
    let count = 0;
    for (const entity of snapshot.entities) {
      chunk += `${JSON.stringify(entity)}\n`;
      count += 1;
      if (chunk.length >= chunkLength) {
        await handle.appendFile(chunk);
        chunk = '';
      }
    }
    await handle.appendFile(`${chunk}${JSON.stringify({ end: true, count })}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readSnapshot(file: string): Promise<Omit<FeedState, 'changes'> | null> {
  const text = await readIfThere(file);
  if (text === null) return null;
  const lines = text.split('\n');
  const header = JSON.parse(lines[0] ?? '');
  const end = JSON.parse(lines.at(-2) ?? '');
  if (lines.at(-1) !== '' || end.end !== true || end.count !== lines.length - 3) {
    throw new Error('The snapshot on disk is not whole');
  }
  const entities = lines.slice(1, -2).flatMap((line) => parseEntity(JSON.parse(line)) ?? []);
  const asOfMs = Date.parse(header.as_of);
  if (!Number.isFinite(asOfMs)) throw new Error('The snapshot on disk has no date');
  return { position: BigInt(header.position), asOfMs, entities, isForeign: header.format !== format };
}

/**
 * A last line without its end was being written when the power went: it was never applied, so it is cut off. Any
 * other line that cannot be read means that changes are lost, and with them perhaps a revocation.
 */
function readLog(bytes: Buffer): Pick<FeedState, 'changes'> & { goodByteSize: number } {
  const goodByteSize = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.subarray(0, goodByteSize).toString('utf8').split('\n').slice(0, -1);
  try {
    const changes = lines.map((line) => {
      const { position, entity } = JSON.parse(line);
      return { position: BigInt(position), entity: parseEntity(entity) };
    });
    return { changes, goodByteSize };
  } catch (cause) {
    throw new Error('The log of changes on disk is damaged', { cause });
  }
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Makes a rename or a removal last. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } finally {
    await handle?.close();
  }
}
