import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { v7 as uuidv7 } from 'uuid';

/** A file that is being written. Its name is nobody's key. */
export interface TemporaryFile {
  readonly file: string;
  readonly handle: FileHandle;
  /** Closed and gone, whatever state it is in. */
  discard(): Promise<void>;
}

export interface TemporaryFiles {
  open(): Promise<TemporaryFile>;
  /** What processes of this machine left behind that are no more. */
  deleteAbandoned(): Promise<number>;
  deleteOlder(before: Date): Promise<number>;
}

/** Within the storage's own folder: a rename must not cross file systems. The name tells whose it is. */
export function createTemporaryFiles(root: string): TemporaryFiles {
  const folder = path.join(root, '.incoming');
  const machine = hostname().replaceAll(/[^A-Za-z0-9.-]/g, '-');

  const deleteWhere = async (isOver: (name: string) => boolean | Promise<boolean>): Promise<number> => {
    let count = 0;
    const names = await readdir(folder).catch(() => []);
    for (const name of names) {
      if (!(await isOver(name))) continue;
      await rm(path.join(folder, name), { force: true });
      count += 1;
    }
    return count;
  };

  return {
    async open() {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = path.join(folder, `${machine}_${process.pid}_${uuidv7()}`);
      const handle = await open(file, 'wx', 0o600);
      return {
        file,
        handle,
        discard: async () => {
          await handle.close().catch(() => undefined);
          await rm(file, { force: true }).catch(() => undefined);
        },
      };
    },

    deleteAbandoned: () =>
      deleteWhere((name) => {
        const [owner, pid] = name.split('_');
        // A process that starts has written nothing yet: what carries its number is of one before it.
        return owner === machine && (Number(pid) === process.pid ? !isInUse.has(folder) : !isAlive(Number(pid)));
      }).finally(() => isInUse.add(folder)),

    deleteOlder: (before) =>
      deleteWhere(async (name) => {
        const found = await stat(path.join(folder, name)).catch(() => undefined);
        return found !== undefined && found.mtime < before;
      }),
  };
}

/** Folders that this process has begun to write in. */
const isInUse = new Set<string>();

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one all the same.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
