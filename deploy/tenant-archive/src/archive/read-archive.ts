import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { ArchiveError } from './manifest.js';

/**
 * One entry after the other, each of which is read to its end before the next comes.
 * @throws ArchiveError: no archive, cut off or damaged
 */
export async function eachEntry(
  file: string,
  visit: (name: string, bytes: Readable, byteSize: number) => Promise<void>,
): Promise<void> {
  const tar = extract();
  const unzip = createGunzip();
  let isDamaged = false;
  // Whoever reads an entry at that moment sees it as an error of his own.
  unzip.once('error', () => {
    isDamaged = true;
  });
  const read = pipeline(createReadStream(file), unzip, tar);
  // Awaited below; whichever of the two fails first is told.
  read.catch(() => undefined);
  let visiting: unknown = null;
  try {
    for await (const entry of tar) {
      const { name, type, size } = entry.header;
      if (type !== 'file') throw new ArchiveError(`it has an entry that is no file: ${JSON.stringify(name)}`);
      visiting = null;
      await visit(name, entry as unknown as Readable, size ?? 0).catch((error: unknown) => {
        visiting = error;
        throw error;
      });
      entry.resume();
    }
    await read;
  } catch (error) {
    tar.destroy();
    if (error instanceof ArchiveError || (error === visiting && !isDamaged)) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR') throw error;
    throw new ArchiveError(`it is damaged (${error instanceof Error ? error.message : String(error)})`, {
      cause: error,
    });
  }
}
