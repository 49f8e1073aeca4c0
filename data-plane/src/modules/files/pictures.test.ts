import { existsSync } from 'node:fs';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import sharp from 'sharp';
import t from 'tap';
import { createPictures } from './pictures.js';

const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
  .png()
  .toBuffer();

t.test('what a killed process was looking at goes with the first picture of another', async (t) => {
  const [abandoned, other] = await Promise.all([0, 1].map(() => mkdtemp(path.join(tmpdir(), 'platen-picture-'))));
  if (abandoned === undefined || other === undefined) throw new Error('two folders');
  t.teardown(() => rm(other, { recursive: true, force: true }));
  const before = new Date(Date.now() - 7_200_000);
  await utimes(abandoned, before, before);
  await createPictures().read('tenant', async () => Readable.from([picture]));
  t.notOk(existsSync(abandoned));
  t.ok(existsSync(other), 'another process may be at it');
});

t.test('one tenant’s flood of pictures delays another’s by one', async (t) => {
  const pictures = createPictures();
  const order: string[] = [];
  const read = (tenantId: string) =>
    pictures.read(tenantId, async () => {
      order.push(tenantId);
      return Readable.from([picture]);
    });
  const flood = Array.from({ length: 10 }, () => read('flooding'));
  const png = pictures.toPng(
    'other',
    async () => {
      order.push('other');
      return Readable.from([picture]);
    },
    { width: 4, height: 4 },
  );
  await Promise.all([...flood, png]);
  t.equal(order.indexOf('other'), 2, 'behind the one that is read and the one whose turn came first');
  t.equal(order.length, 11);
});

t.test('a flood is refused before it is endless, and what was broken holds nobody up', async (t) => {
  const pictures = createPictures();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 210 }, () => pictures.read('flooding', async () => Readable.from([Buffer.from('none')]))),
  );
  const codes = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'read'));
  t.same(new Set(codes), new Set(['file_type_unacceptable', 'busy']));
  t.equal(codes.filter((code) => code === 'busy').length, 9);
  t.match(await pictures.read('flooding', async () => Readable.from([picture])), { width: 8, height: 8 });
});
