import { createHash } from 'node:crypto';
import { createWriteStream, rmSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { type Manifest, manifestName } from './manifest.js';

export interface ArchiveWriter {
  add(name: string, bytes: Buffer): Promise<void>;
  /** Answers the hash of what went by. @throws Error where it is not as long as was said */
  addStream(name: string, byteSize: number, bytes: Readable): Promise<string>;
  finish(manifest: Omit<Manifest, 'parts'>): Promise<void>;
  abort(): Promise<void>;
}

/** A tar, gzipped, which is at its place in whole or not at all. */
export function openArchiveWriter(file: string): ArchiveWriter {
  const partial = `${file}.partial`;
  // What an ended run has left, or what somebody has put there to read along.
  rmSync(partial, { force: true });
  const tar = pack();
  const parts: Manifest['parts'][number][] = [];
  // Level 3: rows shrink to a seventh of their size, and the database stays what is waited for.
  const written = pipeline(
    tar,
    createGzip({ level: 3 }),
    createWriteStream(partial, { mode: 0o600, flags: 'wx', flush: true }),
  );
  // Awaited at the end; until then nobody may take it for forgotten.
  written.catch(() => undefined);
  const addStream = async (name: string, byteSize: number, bytes: Readable) => {
    const hash = createHash('sha256');
    const meter = new Transform({
      transform(chunk: Buffer, _, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    const entry = tar.entry({ name, size: byteSize, mode: 0o600, mtime: new Date(0) });
    await Promise.race([pipeline(bytes, meter, entry), written.then(() => Promise.reject(new Error('cut off')))]);
    const sha256 = hash.digest('hex');
    parts.push({ name, bytes: byteSize, sha256 });
    return sha256;
  };
  return {
    addStream,
    add: async (name, bytes) => {
      await addStream(name, bytes.length, Readable.from([bytes]));
    },
    async finish(manifest) {
      const text = JSON.stringify({ ...manifest, parts } satisfies Manifest);
      tar.entry({ name: manifestName, mode: 0o600, mtime: new Date(0) }, text);
      tar.finalize();
      await written;
      await rename(partial, file);
    },
    async abort() {
      tar.destroy();
      await written.catch(() => undefined);
      await rm(partial, { force: true });
    },
  };
}
