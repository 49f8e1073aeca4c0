import { Readable } from 'node:stream';
import t from 'tap';
import { s3IsMissing, startTestS3 } from '../testkit/s3-server.js';
import { storageSuite } from '../testkit/storage-suite.js';
import { openStorage } from './open-storage.js';

t.test('s3', { skip: s3IsMissing }, async (t) => {
  const server = await startTestS3();
  t.teardown(() => server.stop());
  const storage = await openStorage({ kind: 's3', ...server.options });
  t.teardown(() => storage.close());
  await storageSuite(t, { storage, listLeftOvers: () => server.listUploads() });

  const link = { contentDisposition: `attachment; filename="a.pdf"`, mediaType: 'application/pdf' };

  await t.test('a signed link serves for its time, for its object, as an attachment', async (t) => {
    await storage.put('tenant/a', Readable.from([Buffer.from('content')]), 'application/pdf');
    const url = (await storage.signedUrl('tenant/a', { ...link, ttlSeconds: 60 })) ?? '';
    const answer = await fetch(url);
    t.equal(answer.status, 200);
    t.equal(await answer.text(), 'content');
    t.equal(answer.headers.get('content-disposition'), link.contentDisposition);
    t.equal(answer.headers.get('content-type'), link.mediaType);
    const ranged = await fetch(url, { headers: { range: 'bytes=1-2' } });
    t.same([ranged.status, await ranged.text()], [206, 'on']);
    t.equal((await fetch(url.replace('tenant/a', 'tenant/b'))).status, 403, 'not for another object');
    t.equal((await fetch(url, { method: 'PUT', body: 'x' })).status, 403, 'not for writing');
    t.equal((await fetch(url.split('?')[0] ?? '')).status, 403, 'not without its signature');
    const longer = url.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000');
    t.equal((await fetch(longer)).status, 403, 'not for longer than it was signed for');
  });

  await t.test('a link that has run out is refused', async (t) => {
    const url = (await storage.signedUrl('tenant/a', { ...link, ttlSeconds: 1 })) ?? '';
    const signedAt = /X-Amz-Date=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(url)?.slice(1) ?? [];
    const [year = 0, month = 1, ...rest] = signedAt.map(Number);
    const endsAtMs = Date.UTC(year, month - 1, ...rest) + 1000;
    // The server's clock is this machine's.
    while (Date.now() <= endsAtMs + 1000) await new Promise((resolve) => setTimeout(resolve, 50));
    const answer = await fetch(url);
    t.equal(answer.status, 403);
    await answer.text();
  });

  await t.test('links begin with the name that browsers know', async (t) => {
    const publicly = await openStorage({ kind: 's3', ...server.options, publicEndpoint: 'https://files.example.com' });
    const url = await publicly.signedUrl('tenant/a', { ...link, ttlSeconds: 60 });
    t.match(url, /^https:\/\/files\.example\.com\/platen\/tenant\/a\?/);
    await publicly.close();
  });

  await t.test('with a wrong secret nothing is read or written, and the caller sees 503', async (t) => {
    const stranger = await openStorage({ kind: 's3', ...server.options, secretAccessKey: 'wrong' });
    const body = () => Readable.from([Buffer.from('x')]);
    await t.rejects(stranger.put('tenant/x', body(), 'text/csv'), { code: 'dependency_unavailable' });
    await t.rejects(stranger.get('tenant/a'), {
      code: 'dependency_unavailable',
      cause: { $metadata: { httpStatusCode: 403 } },
    });
    await stranger.close();
    t.equal(await storage.stat('tenant/x'), undefined);
  });

  await t.test('unfinished uploads of a process that was killed are aborted by their age', async (t) => {
    const { S3Client, CreateMultipartUploadCommand } = await import('@aws-sdk/client-s3');
    const client = new S3Client({
      endpoint: server.options.endpoint ?? '',
      region: server.options.region,
      forcePathStyle: true,
      credentials: server.options,
    });
    await client.send(new CreateMultipartUploadCommand({ Bucket: server.options.bucket, Key: 'tenant/half' }));
    client.destroy();
    t.same(await server.listUploads(), ['tenant/half']);
    t.equal(await storage.deleteUnfinished(new Date(Date.now() - 86_400_000)), 0, 'of today: it may still be written');
    t.equal(await storage.deleteUnfinished(new Date(Date.now() + 60_000)), 1);
    t.same(await server.listUploads(), []);
  });

  await t.test('a server that is away is 503, not a fault of ours', async (t) => {
    await server.kill();
    await t.rejects(storage.get('tenant/a'), { code: 'dependency_unavailable' });
    await t.rejects(storage.put('tenant/b', Readable.from([Buffer.from('x')]), 'text/csv'), {
      code: 'dependency_unavailable',
    });
  });
});
