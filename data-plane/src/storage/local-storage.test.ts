import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { storageSuite } from '../testkit/storage-suite.js';
import { openLocalStorage } from './local-storage.js';

async function scratch(t: Test): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'platen-test-storage-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
const listIncoming = (folder: string) => readdir(path.join(folder, '.incoming')).catch(() => []);

t.test('the storage suite, in a folder', async (t) => {
  const folder = await scratch(t);
  const storage = await openLocalStorage(path.join(folder, 'made', 'here'));
  await storageSuite(t, { storage, listLeftOvers: () => listIncoming(path.join(folder, 'made', 'here')) });
  t.equal(
    await storage.signedUrl('a/b', { contentDisposition: 'attachment', mediaType: 'image/png', ttlSeconds: 60 }),
    null,
  );
});

t.test('nobody else of the machine reads along', async (t) => {
  const folder = await scratch(t);
  const storage = await openLocalStorage(folder);
  await storage.put('tenant/file', Readable.from([Buffer.from('x')]), 'text/csv');
  for (const name of ['tenant', 'tenant/file', '.incoming']) {
    t.equal((await stat(path.join(folder, name))).mode & 0o077, 0, name);
  }
});

t.test('a start sweeps what ended without warning, and nothing of who lives', async (t) => {
  const folder = await scratch(t);
  await openLocalStorage(folder).then((storage) => storage.put('a', Readable.from([Buffer.from('x')]), 'text/csv'));
  const machine = hostname().replaceAll(/[^A-Za-z0-9.-]/g, '-');
  const names = {
    dead: `${machine}_999999999_1`,
    alive: `${machine}_${process.ppid}_1`,
    // One that this very process is writing.
    own: `${machine}_${process.pid}_1`,
    elsewhere: `another-machine_1_1`,
  };
  for (const name of Object.values(names)) await writeFile(path.join(folder, '.incoming', name), 'half');
  const storage = await openLocalStorage(folder);
  t.same((await listIncoming(folder)).sort(), [names.alive, names.own, names.elsewhere].sort());

  const old = new Date('2020-01-01T00:00:00Z');
  await utimes(path.join(folder, '.incoming', names.elsewhere), old, old);
  t.equal(await storage.deleteUnfinished(new Date('2021-01-01T00:00:00Z')), 1);
  t.same((await listIncoming(folder)).sort(), [names.alive, names.own].sort());
});

t.test('a full disk is 503, and leaves nothing and what was there', async (t) => {
  const folder = await scratch(t);
  const run = promisify(execFile);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  } catch {
    t.pass('a full disk', { skip: 'no small file system can be mounted here' });
    return;
  }
  t.teardown(() => run('umount', [folder]));
  const storage = await openLocalStorage(folder);
  await storage.put('tenant/kept', Readable.from([Buffer.alloc(300_000, 1)]), 'text/csv');
  const tooMuch = Readable.from(Array.from({ length: 40 }, () => Buffer.alloc(50_000, 2)));
  await t.rejects(storage.put('tenant/too-much', tooMuch, 'text/csv'), {
    code: 'dependency_unavailable',
    cause: { code: 'ENOSPC' },
  });
  t.same(await listIncoming(folder), []);
  t.equal(await storage.stat('tenant/too-much'), undefined);
  t.match(await storage.stat('tenant/kept'), { byteSize: 300_000 });
  await storage.put('tenant/after', Readable.from([Buffer.alloc(500_000, 3)]), 'text/csv');
  t.match(await storage.stat('tenant/after'), { byteSize: 500_000 }, 'the room is back');
});

t.test('a process that is killed in mid-upload: the next start takes away what it wrote', async (t) => {
  const folder = await scratch(t);
  const endless = `
    import { Readable } from 'node:stream';
    import { openLocalStorage } from ${JSON.stringify(new URL('./local-storage.js', import.meta.url).href)};
    const storage = await openLocalStorage(${JSON.stringify(folder)});
    const body = Readable.from((async function* () {
      yield Buffer.alloc(100_000);
      console.log('writing');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    })());
    await storage.put('tenant/file', body, 'text/csv');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', endless], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  t.equal((await listIncoming(folder)).length, 1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.equal((await listIncoming(folder)).length, 1, 'it had no time to clean up');
  const storage = await openLocalStorage(folder);
  t.same(await listIncoming(folder), []);
  t.equal(await storage.stat('tenant/file'), undefined);
});
