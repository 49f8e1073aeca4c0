import { testDatabase } from '@platen/chassis/testkit/database';
import sharp from 'sharp';
import t from 'tap';
import { openStorage } from '../../storage/open-storage.js';
import { formOf } from '../../testkit/multipart.js';
import { s3IsMissing, startTestS3 } from '../../testkit/s3-server.js';
import { openTestPlane } from '../../testkit/test-plane.js';

t.test('files in a bucket', { skip: s3IsMissing }, async (t) => {
  const server = await startTestS3();
  t.teardown(() => server.stop());
  const storage = await openStorage({ kind: 's3', ...server.options });
  t.teardown(() => storage.close());
  const plane = openTestPlane(
    t,
    { 'erp-1': await testDatabase(t, 'erp') },
    { files: { storage, maxFileBytes: 20_000_000 } },
  );
  const acme = plane.addTenant('acme', 'erp-1');
  const token = plane.token(acme);
  const send = (name: string, content: Buffer) =>
    plane.call(acme, token, { method: 'POST', url: '/api/erp/files', ...formOf({ name, content }) });
  const keys = async () => {
    const found: string[] = [];
    for await (const { key } of storage.list('')) found.push(key);
    return found;
  };
  const png = await sharp({ create: { width: 400, height: 400, channels: 3, background: '#123456' } })
    .png()
    .toBuffer();

  await t.test('a download is a redirect to a link of a minute', async (t) => {
    const { status, body } = await send('Zoë.png', png);
    t.equal(status, 201);
    const url = `/api/erp/files/${body.id}/content`;
    const answer = await plane.call(acme, token, { method: 'GET', url });
    t.equal(answer.status, 302);
    t.match(answer.headers, { 'cache-control': 'private, no-store', etag: `"${body.sha256}"` });
    const location = String(answer.headers['location']);
    t.match(location, /X-Amz-Expires=60/);
    const content = await fetch(location);
    t.same(Buffer.from(await content.arrayBuffer()), png);
    t.match(content.headers.get('content-disposition'), /^attachment; filename=.*filename\*=UTF-8''Zo%C3%AB\.png/);
    const small = await plane.call(acme, token, { method: 'GET', url: `${url}?thumbnail=true` });
    t.equal((await fetch(String(small.headers['location']))).headers.get('content-type'), 'image/webp');
    const unchanged = await plane.call(acme, token, {
      method: 'GET',
      url,
      headers: { 'if-none-match': `"${body.sha256}"` },
    });
    t.equal(unchanged.status, 304);
    t.equal((await plane.call(acme, token, { method: 'DELETE', url: `/api/erp/files/${body.id}` })).status, 204);
    t.same(await keys(), []);
  });

  await t.test('what is cut in its second part leaves neither object nor parts', async (t) => {
    const { headers, payload } = formOf({
      name: 'a.pdf',
      content: Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(17_000_000)]),
    });
    const cut = { method: 'POST' as const, url: '/api/erp/files', headers, payload: payload.subarray(0, 16_900_000) };
    t.equal((await plane.call(acme, token, cut)).status, 400);
    t.same([await keys(), await server.listUploads()], [[], []]);
  });
});
