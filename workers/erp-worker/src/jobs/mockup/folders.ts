import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const prefix = 'platen-mockup-';
/** No mockup takes so long. */
const abandonedAfterMs = 3_600_000;
let sweeping: Promise<void> | undefined;

/** A folder of the job's own while it runs. */
export async function withFolder<R>(work: (folder: string) => Promise<R>): Promise<R> {
  sweeping ??= deleteAbandoned();
  await sweeping;
  const folder = await mkdtemp(path.join(tmpdir(), prefix));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What workers left that were killed. Once a process, with its first mockup. */
async function deleteAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    if (!name.startsWith(prefix)) continue;
    const folder = path.join(tmpdir(), name);
    const found = await stat(folder).catch(() => undefined);
    if (found === undefined || Date.now() - found.mtimeMs < abandonedAfterMs) continue;
    // Somebody else's, perhaps, who may delete it.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
