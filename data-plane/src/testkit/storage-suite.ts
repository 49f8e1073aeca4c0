import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AppError } from '@platen/chassis/http/app-error';
import type { Test } from 'tap';
import type { StorageProvider, StoredObject } from '../storage/storage.js';

export interface StorageUnderTest {
  readonly storage: StorageProvider;
  /** Names of whatever uploads have left behind, in the storage's own way. */
  listLeftOvers(): Promise<string[]>;
}

const tenant = '01930000-0000-7000-8000-0000000000aa';
const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const text = (content: string) => Readable.from([Buffer.from(content)]);
const megabyte = 1024 * 1024;

/** Bytes that are no two alike over the whole, made while they are read. Waits for nobody, like a fast client. */
function* chunksOf(byteSize: number): Generator<Buffer> {
  const chunkSize = 65_536;
  for (let sent = 0; sent < byteSize; sent += chunkSize) {
    const chunk = Buffer.alloc(Math.min(chunkSize, byteSize - sent), sent / chunkSize);
    chunk.writeUInt32BE(sent % 2 ** 32, 0);
    yield chunk;
  }
}

const lookEvery = 10 * megabyte;

/** The chunks, with a look after as many as make ten megabytes. */
function* lookedAt(chunks: Iterable<Buffer>, look: () => void): Generator<Buffer> {
  let bytes = 0;
  for (const chunk of chunks) {
    yield chunk;
    bytes += chunk.length;
    if (bytes % lookEvery === 0) look();
  }
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** In buffers that something refers to: how much memory a process takes is up to its collector. */
function heldBytes(): number {
  // Memory of what the first one found is given back when the second one begins.
  collect();
  collect();
  return process.memoryUsage().arrayBuffers;
}

async function all(list: AsyncIterable<StoredObject>): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for await (const object of list) found.push(object);
  return found;
}

/** What every storage does, whichever it is. */
export async function storageSuite(t: Test, { storage, listLeftOvers }: StorageUnderTest): Promise<void> {
  const read = async (key: string, range?: { start: number; end: number }) => {
    const body = await storage.get(key, range);
    return body === undefined ? undefined : buffer(body);
  };

  await t.test('written, read, told of, deleted', async (t) => {
    const key = `${tenant}/org/one`;
    const content = Buffer.from('0123456789');
    t.same(await storage.put(key, text('0123456789'), 'text/csv'), { byteSize: 10, sha256: sha256Of(content) });
    t.same(await read(key), content);
    t.same(await read(key, { start: 2, end: 4 }), Buffer.from('234'), 'a range, both ends included');
    t.same(await read(key, { start: 9, end: 9 }), Buffer.from('9'));
    const found = await storage.stat(key);
    t.match(found, { key, byteSize: 10 });
    t.ok(Math.abs(Date.now() - Number(found?.modifiedAt)) < 600_000, 'it is of now');
    await storage.put(key, text('other'), 'text/csv');
    t.same(await read(key), Buffer.from('other'), 'written over');
    await storage.put(key, Readable.from([]), 'text/csv');
    t.match(await storage.stat(key), { byteSize: 0 });
    await storage.delete(key);
    t.same([await read(key), await storage.stat(key)], [undefined, undefined]);
    await storage.delete(key);
    t.pass('deleted twice is deleted');
  });

  await t.test('lists and deletes by prefix, and nothing beside it', async (t) => {
    const mine = [`${tenant}/a/1`, `${tenant}/a/2.thumbnail`, `${tenant}/b/3`];
    const others = [`${tenant}0/a/1`, 'other/a/1'];
    for (const key of [...mine, ...others]) await storage.put(key, text(key), 'text/csv');
    const keysOf = async (prefix: string) => (await all(storage.list(prefix))).map(({ key }) => key).sort();
    t.same(await keysOf(`${tenant}/`), mine);
    t.same(await keysOf(`${tenant}/a/`), mine.slice(0, 2));
    t.same(await keysOf(''), [...mine, ...others].sort());
    t.same(await keysOf('nobody/'), []);
    t.equal(await storage.deletePrefix(`${tenant}/`), 3);
    t.equal(await storage.deletePrefix(`${tenant}/`), 0);
    t.same(await keysOf(''), [...others].sort(), 'a longer id that begins alike stays');
    for (const key of others) await storage.delete(key);
  });

  await t.test('keys that lead elsewhere are refused before anything is touched', async (t) => {
    const wrong = [
      '',
      '../x',
      'a/../../x',
      'a//b',
      '/a',
      'a/',
      'a/.hidden',
      'a\\b',
      'a\0b',
      'A',
      'ä',
      'a/%2e%2e/b',
      'x'.repeat(600),
    ];
    for (const key of wrong) {
      await t.rejects(async () => storage.put(key, text('x'), 'text/csv'), /Not a key/, JSON.stringify(key));
      await t.rejects(async () => storage.get(key), /Not a key/);
      await t.rejects(async () => storage.delete(key), /Not a key/);
    }
    await t.rejects(async () => storage.deletePrefix(''), /prefix/);
    await t.rejects(async () => storage.deletePrefix('abc'), /prefix/);
    t.same(await all(storage.list('')), []);
  });

  await t.test('what is cut half-way leaves nothing', async (t) => {
    for (const cutAfter of [0, 100_000, 20 * megabyte]) {
      const key = `${tenant}/org/cut-${cutAfter}`;
      const failure = new AppError('malformed_body', 'cut');
      const body = Readable.from(
        (function* () {
          yield* chunksOf(cutAfter);
          throw failure;
        })(),
      );
      const error = await storage.put(key, body, 'application/pdf').catch((thrown: unknown) => thrown);
      t.equal(error, failure, 'the reason is the body’s own');
      t.equal(await storage.stat(key), undefined);
    }
    const quiet = Readable.from(chunksOf(30 * megabyte));
    const writing = storage.put(`${tenant}/org/gone`, quiet, 'application/pdf');
    await turn();
    quiet.destroy();
    await t.rejects(writing);
    t.same(await all(storage.list('')), []);
    t.same(await listLeftOvers(), []);
  });

  await t.test('100 MB pass through without being held', async (t) => {
    const key = `${tenant}/org/large`;
    const byteSize = 100 * megabyte;
    const before = heldBytes();
    let most = 0;
    const look = () => {
      most = Math.max(most, heldBytes() - before);
    };
    const written = await storage.put(key, Readable.from(lookedAt(chunksOf(byteSize), look)), 'application/pdf');
    const hash = createHash('sha256');
    let readBytes = 0;
    let lookedBytes = 0;
    for await (const chunk of (await storage.get(key)) ?? []) {
      hash.update(chunk);
      readBytes += chunk.length;
      if (readBytes - lookedBytes < lookEvery) continue;
      lookedBytes = readBytes;
      look();
    }
    t.same([written.byteSize, readBytes], [byteSize, byteSize]);
    t.equal(hash.digest('hex'), written.sha256, 'every byte');
    const tail = await read(key, { start: byteSize - 3, end: byteSize - 1 });
    t.equal(tail?.length, 3);
    const held = `${(most / megabyte).toFixed(1)} MB`;
    t.comment(`measured: 100 MB into and out of ${storage.kind}: ${held} held at most`);
    t.ok(most < byteSize / 2, `${held} held`);
    await storage.delete(key);
    t.same(await listLeftOvers(), []);
  });

  await t.test('uploads at once do not mix', async (t) => {
    const keys = Array.from({ length: 8 }, (_, n) => `${tenant}/org/at-once-${n}`);
    await Promise.all(keys.map((key) => storage.put(key, text(key), 'text/csv')));
    for (const key of keys) t.same(await read(key), Buffer.from(key));
    t.equal(await storage.deletePrefix(`${tenant}/`), keys.length);
  });
}
