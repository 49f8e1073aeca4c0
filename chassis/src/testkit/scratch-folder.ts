import { accessSync, constants, statfsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const memory = '/dev/shm';
/** Some hundred databases that live at once, and the log of what was written to them. Containers often give 64 MB. */
const roomBytes = 4 * 2 ** 30;

/**
 * Where a test's server may put its cluster. In memory if there is room: a database is some 300 files, and cloning one
 * costs a disk's file system ten times what it costs memory, in processor time too.
 */
export const makeScratchFolder = (prefix: string): Promise<string> =>
  mkdtemp(path.join(hasRoom(memory) ? memory : tmpdir(), prefix));

function hasRoom(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= roomBytes;
  } catch {
    return false;
  }
}
