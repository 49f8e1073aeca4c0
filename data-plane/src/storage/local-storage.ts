import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { Meter } from './meter.js';
import {
  type ByteRange,
  orAway,
  requireKey,
  requirePrefix,
  type StorageProvider,
  type StoredObject,
  storageAway,
} from './storage.js';
import { createTemporaryFiles } from './temporary-files.js';

/** Objects as files of a folder. Instances may share it: names are taken by renaming, which the file system does at once. */
export async function openLocalStorage(folder: string): Promise<StorageProvider> {
  const root = path.resolve(folder);
  await orAway(mkdir(root, { recursive: true, mode: 0o700 }));
  const temporary = createTemporaryFiles(root);
  await orAway(temporary.deleteAbandoned());
  const fileOf = (key: string) => path.join(root, ...requireKey(key).split('/'));

  return {
    kind: 'local',

    async put(key, body) {
      const file = fileOf(key);
      const meter = new Meter();
      const part = await orAway(temporary.open());
      try {
        for await (const chunk of meter.read(body)) await orAway(part.handle.appendFile(chunk));
        await orAway(part.handle.sync());
        await orAway(part.handle.close());
        await orAway(moveInto(part.file, file));
        return meter.finish();
      } catch (error) {
        await part.discard();
        throw error;
      }
    },

    get: (key, range) => orAway(openForReading(fileOf(key), range)),

    async stat(key) {
      const found = await orAway(orUndefined(stat(fileOf(key))));
      return found?.isFile() ? { key, byteSize: found.size, modifiedAt: found.mtime } : undefined;
    },

    delete: (key) => orAway(rm(fileOf(key), { force: true })),

    signedUrl: async () => null,

    list: (prefix) => listFiles(root, prefix === '' ? '' : requirePrefix(prefix)),

    async deletePrefix(prefix) {
      const under = requirePrefix(prefix);
      let count = 0;
      for await (const _ of listFiles(root, under)) count += 1;
      await orAway(rm(path.join(root, under), { recursive: true, force: true }));
      return count;
    },

    deleteUnfinished: (before) => orAway(temporary.deleteOlder(before)),

    close: async () => undefined,
  };
}

async function openForReading(file: string, range: ByteRange | undefined): Promise<Readable | undefined> {
  const handle = await orUndefined(open(file, 'r'));
  // The stream closes the handle when it ends or is destroyed.
  return handle?.createReadStream(range);
}

/** The folder may be on its way out with a tenant's purge, or between two of its files. */
async function moveInto(part: string, file: string): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await rename(part, file);
  await syncFolder(folder);
}

/** Makes a rename last. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } finally {
    await handle?.close();
  }
}

/** Depth first, in the order of the names. What comes or goes meanwhile is seen or not. */
async function* listFiles(root: string, prefix: string): AsyncGenerator<StoredObject> {
  const entries = await readdir(path.join(root, prefix), { withFileTypes: true }).catch(undefinedIfGone);
  for (const entry of (entries ?? []).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    // The temporary files' folder, and whatever else is none of ours.
    if (entry.name.startsWith('.')) continue;
    const key = `${prefix}${entry.name}`;
    if (entry.isDirectory()) yield* listFiles(root, `${key}/`);
    else if (entry.isFile()) {
      const found = await orAway(orUndefined(stat(path.join(root, key))));
      if (found) yield { key, byteSize: found.size, modifiedAt: found.mtime };
    }
  }
}

const undefinedIfGone = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw storageAway(error);
};

async function orUndefined<R>(step: Promise<R>): Promise<R | undefined> {
  try {
    return await step;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return undefined;
    }
    throw error;
  }
}
