import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { testDatabase } from '@platen/chassis/testkit/database';
import { files, StoredFile } from '@platen/schema/contracts/data/files';
import pg from 'pg';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { Compile } from 'typebox/compile';
import { openLocalStorage } from '../../storage/local-storage.js';
import type { StorageProvider } from '../../storage/storage.js';
import { type FormFile, formOf } from '../../testkit/multipart.js';
import { openTestPlane, type TestTenant } from '../../testkit/test-plane.js';

const folder = await mkdtemp(path.join(tmpdir(), 'platen-test-files-'));
const storage = await openLocalStorage(folder);
let failing: Partial<StorageProvider> = {};
const breakable: StorageProvider = new Proxy(storage, {
  get: (real, name) => Reflect.get(failing, name) ?? Reflect.get(real, name),
});
const database = await testDatabase(t, 'erp');
const plane = openTestPlane(t, { 'erp-1': database }, { files: { storage: breakable, maxFileBytes: 2_000_000 } });
t.teardown(() => rm(folder, { recursive: true, force: true }));
const acme = plane.addTenant('acme', 'erp-1');
const globex = plane.addTenant('globex', 'erp-1');
const token = plane.token(acme);

const upload = (file: FormFile, fields?: Record<string, string>, tenant: TestTenant = acme, as = plane.token(tenant)) =>
  plane.call(tenant, as, { method: 'POST', url: '/api/erp/files', ...formOf(file, fields) });
const call = (method: 'GET' | 'DELETE', url: string, as = token) => plane.call(acme, as, { method, url });
const fetchContent = (id: string, headers: Record<string, string> = {}, query = '') =>
  plane.app.tenant.inject({
    method: 'GET',
    url: `/api/erp/files/${id}/content${query}`,
    headers: { host: 'acme.localhost', authorization: `Bearer ${token}`, ...headers },
  });
const superuser = new pg.Client({ connectionString: database.superuserUrl });
await superuser.connect();
t.teardown(() => superuser.end());
const usedBy = async (tenant: TestTenant): Promise<number> => {
  const { rows } = await superuser.query('select used from usage_counters where tenant_id = $1', [tenant.id]);
  return Number(rows[0]?.used ?? 0);
};
const countRows = async (tenant: TestTenant): Promise<number> => {
  const { rows } = await superuser.query('select count(*)::int as n from erp_files where tenant_id = $1', [tenant.id]);
  return rows[0].n;
};
/** Everything in the storage's folder, half-written files too. */
const onDisk = async (): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name).slice(folder.length + 1));
const state = async (tenant = acme) => ({
  disk: (await onDisk()).length,
  rows: await countRows(tenant),
  used: await usedBy(tenant),
});
/** The test's claim: whatever this does, nothing of it is left. */
const leavesNothing = async (t: Tap, work: () => Promise<void>) => {
  const before = await state();
  await work();
  t.same(await state(), before, 'nothing is left of it');
};
type Tap = { readonly same: Test['same'] };

const drawing = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 30 } } });
const png = await drawing(640, 400).png().toBuffer();
/** From a file: this process reads pictures from nothing else any more. */
async function look(bytes: Buffer) {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'platen-test-look-')), 'picture');
  await writeFile(file, bytes);
  try {
    return await sharp(file).metadata();
  } finally {
    await rm(path.dirname(file), { recursive: true });
  }
}
const pdf = Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\n');

t.test('a picture: uploaded, read, shown small, deleted', async (t) => {
  const before = await state();
  const created = await upload({ name: 'Logo "für" Zoë.png', type: 'text/html', content: png });
  t.equal(created.status, 201, created.text);
  t.equal([...Compile(StoredFile).Errors(created.body)].join(), '', 'the answer is what the contract says');
  t.match(created.body, {
    media_type: 'image/png',
    byte_size: png.length,
    sha256: createHash('sha256').update(png).digest('hex'),
    image_width: 640,
    image_height: 400,
    has_thumbnail: true,
    owner_kind: null,
  });
  const { id } = created.body;
  t.same((await call('GET', `/api/erp/files/${id}`)).body, created.body);
  t.equal(await usedBy(acme), before.used + png.length);

  const content = await fetchContent(id);
  t.equal(content.statusCode, 200);
  t.same(content.rawPayload, png);
  t.match(content.headers, {
    'content-type': 'image/png',
    'content-length': String(png.length),
    'x-content-type-options': 'nosniff',
    'content-security-policy': /^sandbox/,
    'cache-control': 'private, no-store',
    'cross-origin-resource-policy': 'same-origin',
    'content-disposition': /^attachment; filename="Logo .*"; filename\*=UTF-8''Logo%20/,
    etag: `"${created.body.sha256}"`,
  });
  const small = await fetchContent(id, {}, '?thumbnail=true');
  t.match(small.headers, { 'content-type': 'image/webp', 'content-disposition': /^attachment/ });
  t.match(await look(small.rawPayload), { format: 'webp', width: 320, height: 200 });

  t.equal((await call('DELETE', `/api/erp/files/${id}`)).status, 204);
  t.match(await call('GET', `/api/erp/files/${id}`), { status: 404, body: { code: 'not_found' } });
  t.equal((await fetchContent(id)).statusCode, 404);
  t.equal((await call('DELETE', `/api/erp/files/${id}`)).status, 404);
  t.same(await state(), before, 'its bytes, its row and what it counted are gone');
});

t.test('ranges, conditions', async (t) => {
  const { id, sha256 } = (await upload({ name: 'a.pdf', content: pdf })).body;
  const part = await fetchContent(id, { range: 'bytes=2-5' });
  t.match(part, { statusCode: 206, payload: 'DF-1' });
  t.match(part.headers, { 'content-range': `bytes 2-5/${pdf.length}`, 'content-length': '4', etag: `"${sha256}"` });
  t.match(await fetchContent(id, { range: 'bytes=-3' }), { statusCode: 206, payload: 'bj\n' });
  const beyond = await fetchContent(id, { range: 'bytes=900-' });
  t.match(beyond, { statusCode: 416, headers: { 'content-range': `bytes */${pdf.length}` } });
  t.match(beyond.json(), { code: 'range_not_satisfiable' });
  t.equal((await fetchContent(id, { range: 'bytes=0-1,4-5' })).statusCode, 200, 'several ranges: all of it');
  t.match(await fetchContent(id, { 'if-none-match': `"${sha256}"` }), { statusCode: 304, payload: '' });
  t.equal((await fetchContent(id, { range: 'bytes=0-1', 'if-range': '"another"' })).statusCode, 200);
  t.equal((await fetchContent(id, { range: 'bytes=0-1', 'if-range': `"${sha256}"` })).statusCode, 206);
  t.equal((await fetchContent(id, {}, '?thumbnail=true')).statusCode, 404, 'no picture');
});

t.test('the type is told by the content', async (t) => {
  const eps = '%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n';
  const dst = `LA:ROSE            \rST:   8400\rCO:  3\r${' '.repeat(480)}`;
  const taken: [FormFile, string][] = [
    [{ name: 'a.bin', content: await drawing(8, 8).jpeg().toBuffer() }, 'image/jpeg'],
    [{ name: 'a', content: await drawing(8, 8).webp().toBuffer() }, 'image/webp'],
    [{ name: 'a', content: await drawing(8, 8).gif().toBuffer() }, 'image/gif'],
    [{ name: 'a', content: await drawing(8, 8).tiff().toBuffer() }, 'image/tiff'],
    [{ name: 'a.exe', content: pdf }, 'application/pdf'],
    [{ name: 'a.ai', content: '%!PS-Adobe-3.0\n' }, 'application/postscript'],
    [{ name: 'a.eps', content: eps }, 'application/postscript'],
    [
      { name: 'a.psd', content: Buffer.concat([Buffer.from('8BPS\0\x01'), Buffer.alloc(64)]) },
      'image/vnd.adobe.photoshop',
    ],
    [
      {
        name: 'a.svg',
        content: '<?xml version="1.0"?>\n<!-- drawn -->\n<!DOCTYPE svg PUBLIC "x" "y">\n<svg xmlns="x"/>',
      },
      'image/svg+xml',
    ],
    [{ name: 'a.dst', content: dst }, 'application/x-dst'],
    [{ name: 'a.pes', content: '#PES0060\0\0\0\0' }, 'application/x-pes'],
    [{ name: 'a.emb', content: Buffer.from('d0cf11e0a1b11ae1'.padEnd(1024, '0'), 'hex') }, 'application/x-emb'],
    [{ name: 'prices.csv', content: '\ufeffsku;price\nA;1,50\n' }, 'text/csv'],
    [{ name: 'a.zip', content: Buffer.from('504b0506000000000000000000000000000000000000', 'hex') }, 'application/zip'],
  ];
  for (const [file, mediaType] of taken) {
    const answer = await upload(file);
    t.match(answer, { status: 201, body: { media_type: mediaType } }, `${file.name} ${answer.text}`);
    const sent = await fetchContent(answer.body.id);
    t.match(sent.headers, { 'content-disposition': /^attachment/, 'x-content-type-options': 'nosniff' });
  }
});

t.test('what is not what it says, or nothing that a print shop needs, is refused and not kept', (t) =>
  leavesNothing(t, async () => {
    const html = '<!doctype html><script>alert(1)</script>';
    const bomb = Buffer.from(png);
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    const refused: FormFile[] = [
      { name: 'logo.png', type: 'image/png', content: html },
      { name: 'logo.png', type: 'image/png', content: Buffer.concat([png.subarray(0, 8), Buffer.from(html)]) },
      { name: 'logo.png', content: png.subarray(0, png.length - 200) },
      { name: 'bomb.png', content: bomb },
      { name: 'a.svg', content: `<html><svg></svg></html>` },
      { name: 'a.svg', content: '<!DOCTYPE html><svg/>' },
      { name: 'a.csv', content: html },
      { name: 'a.csv', content: '#!/bin/sh\n' },
      { name: 'a.csv', content: 'a;b\0c' },
      { name: 'a.txt', content: 'only words' },
      { name: 'a.doc', content: Buffer.from('d0cf11e0a1b11ae1'.padEnd(1024, '0'), 'hex') },
      { name: 'a.mp3', content: Buffer.concat([Buffer.from('ID3\x03'), Buffer.alloc(200)]) },
      { name: 'a.exe', content: Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)]) },
      { name: 'a.js', content: 'alert(1)' },
      { name: 'empty.png', content: '' },
    ];
    for (const file of refused) {
      const answer = await upload(file);
      t.match(answer, { status: 422, body: { code: 'file_type_unacceptable' } }, `${file.name} ${answer.text}`);
    }
  }),
);

t.test('a rotated picture has the size it is looked at with', async (t) => {
  const jpeg = await drawing(60, 40).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const { body } = await upload({ name: 'phone.jpg', content: jpeg });
  t.match(body, { image_width: 40, image_height: 60 });
  const small = await fetchContent(body.id, {}, '?thumbnail=true');
  const shown = await look(small.rawPayload);
  t.match(shown, { width: 40, height: 60 });
  t.notOk(shown.exif, 'where the camera was stays out of the thumbnail');
});

t.test('names: folders are cut, what misleads is refused', async (t) => {
  const names: [string, string][] = [
    ['../../etc/passwd.pdf', 'passwd.pdf'],
    ['..\\..\\windows\\a.pdf', 'a.pdf'],
    ['/abs/olute.pdf', 'olute.pdf'],
    ['Grüße 印刷.pdf', 'Grüße 印刷.pdf'],
  ];
  for (const [given, kept] of names) {
    const answer = await upload({ name: given, content: pdf });
    t.match(answer, { status: 201, body: { file_name: kept } }, given);
    t.match(
      (await onDisk()).filter((file) => file.endsWith(answer.body.id)),
      [`${acme.id}/${acme.organizationIds[0]}/${answer.body.id}`],
      'stored under ids alone',
    );
  }
  await leavesNothing(t, async () => {
    for (const name of ['..', '.', 'a/', 'x'.repeat(201), 'invoice\u202efdp.exe', 'a\u0007.pdf', ' ']) {
      t.match(await upload({ name, content: pdf }), { status: 400 }, JSON.stringify(name));
    }
  });
});

t.test('an owner is one that the caller sees; the file is where it is', async (t) => {
  const own = plane.token(acme);
  const inWorkspace = plane.token(acme, { ws: acme.workspaceIds[0] });
  const elsewhere = plane.token(acme, { ws: acme.workspaceIds[1] });
  const otherOrganization = plane.token(acme, { org: acme.organizationIds[1] });
  const customer = await plane.call(acme, own, {
    method: 'POST',
    url: '/api/erp/customers',
    payload: { code: 'owner', name: 'Owner' },
  });
  const owned = { owner_kind: 'customer', owner_id: customer.body.id };
  const { body: ofCustomer } = await upload({ name: 'a.pdf', content: pdf }, owned, acme, inWorkspace);
  t.match(ofCustomer, owned);
  t.equal((await call('GET', `/api/erp/files/${ofCustomer.id}`, elsewhere)).status, 200, 'a customer is of everybody');
  const list = (await call('GET', `/api/erp/files?owner_kind=customer&owner_id=${customer.body.id}`)).body;
  t.same(list.items, [ofCustomer]);
  t.equal([...Compile(files.list.response).Errors(list)].join(), '');

  const { body: unowned } = await upload({ name: 'b.pdf', content: pdf }, {}, acme, inWorkspace);
  t.equal((await call('GET', `/api/erp/files/${unowned.id}`, inWorkspace)).status, 200);
  t.equal((await call('GET', `/api/erp/files/${unowned.id}`, own)).status, 200, 'the whole organization sees it');

  const strangers: [TestTenant, string][] = [
    [acme, elsewhere],
    [acme, otherOrganization],
    [globex, plane.token(globex)],
  ];
  for (const [tenant, as] of strangers) {
    for (const [method, suffix] of [
      ['GET', ''],
      ['GET', '/content'],
      ['GET', '/content?thumbnail=true'],
      ['DELETE', ''],
    ] as const) {
      const answer = await plane.call(tenant, as, { method, url: `/api/erp/files/${unowned.id}${suffix}` });
      t.match(answer, { status: 404, body: { code: 'not_found' } }, `${method} ${suffix}`);
    }
    t.notOk((await plane.call(tenant, as, { method: 'GET', url: '/api/erp/files' })).text.includes(unowned.id));
  }
  await leavesNothing(t, async () => {
    for (const [tenant, as] of strangers.slice(1)) {
      const answer = await upload({ name: 'a.pdf', content: pdf }, owned, tenant, as);
      t.match(answer, { status: 422, body: { code: 'unknown_reference', errors: [{ path: '/body/owner_id' }] } });
    }
    const half = await upload({ name: 'a.pdf', content: pdf }, { owner_kind: 'customer' });
    t.match(half, { status: 400, body: { errors: [{ path: '/body/owner_id' }] } });
    const other = { owner_kind: 'organization', owner_id: acme.organizationIds[1] };
    t.match(await upload({ name: 'a.pdf', content: pdf }, other), { status: 422, body: { code: 'unknown_reference' } });
    t.match(await upload({ name: 'a.pdf', content: pdf }, { ...owned, colour: 'red' }), { status: 400 });
  });
});

t.test('what something refers to stays, even where the caller does not see what', async (t) => {
  const { id } = (await upload({ name: 'art.pdf', content: pdf })).body;
  await superuser.query(
    `insert into erp_designs (tenant_id, organization_id, workspace_id, id, code, name, file_id)
     values ($1, $2, $3, gen_random_uuid(), 'hidden', 'Hidden', $4)`,
    [acme.id, acme.organizationIds[0], acme.workspaceIds[1], id],
  );
  const before = await state();
  const as = plane.token(acme, { ws: acme.workspaceIds[0] });
  t.match(await call('DELETE', `/api/erp/files/${id}`, as), { status: 409, body: { code: 'in_use' } });
  t.same(await state(), before);
  t.equal((await fetchContent(id)).statusCode, 200);
  await superuser.query('delete from erp_designs where file_id = $1', [id]);
  t.equal((await call('DELETE', `/api/erp/files/${id}`, as)).status, 204);
});

t.test(
  'a deletion that stops half-way is hidden at once, and finished by the next; room is given back once',
  async (t) => {
    const { id } = (await upload({ name: 'a.pdf', content: pdf })).body;
    const before = await state();
    failing = { delete: () => Promise.reject(new Error('away')) };
    t.equal((await call('DELETE', `/api/erp/files/${id}`)).status, 500);
    failing = {};
    t.equal((await call('GET', `/api/erp/files/${id}`)).status, 404);
    t.equal(await usedBy(acme), before.used, 'what lies there still counts');
    const answers = await Promise.all([1, 2, 3].map(() => call('DELETE', `/api/erp/files/${id}`)));
    t.ok(answers.some(({ status }) => status === 204));
    t.same(await state(), { disk: before.disk - 1, rows: before.rows - 1, used: before.used - pdf.length });
  },
);

t.test('limits: of a file, and of all files of a tenant', async (t) => {
  await leavesNothing(t, async () => {
    const large = Buffer.concat([pdf, Buffer.alloc(2_100_000)]);
    t.match(await upload({ name: 'large.pdf', content: large }), { status: 413, body: { code: 'body_too_large' } });
  });
  const small = plane.addTenant('small', 'erp-1', { limits: { storage_bytes: 1000 } });
  const content = (byteSize: number) => Buffer.concat([pdf, Buffer.alloc(byteSize - pdf.length, 32)]);
  t.equal((await upload({ name: 'a.pdf', content: content(600) }, {}, small)).status, 201);
  t.match(await upload({ name: 'b.pdf', content: content(401) }, {}, small), {
    status: 422,
    body: { code: 'limit_reached', limit: 'storage_bytes', allowed: 1000 },
  });
  const racing = await Promise.all(
    [1, 2, 3, 4].map((n) => upload({ name: `${n}.pdf`, content: content(150) }, {}, small)),
  );
  t.same(racing.map(({ status }) => status).sort(), [201, 201, 422, 422]);
  t.same([await usedBy(small), await countRows(small)], [900, 3], 'never over');
  t.equal((await onDisk()).filter((file) => file.startsWith(small.id)).length, 3);
  const first = (await plane.call(small, plane.token(small), { method: 'GET', url: '/api/erp/files' })).body.items[0];
  await plane.call(small, plane.token(small), { method: 'DELETE', url: `/api/erp/files/${first.id}` });
  t.equal(await usedBy(small), 750);
  t.equal((await upload({ name: 'c.pdf', content: content(250) }, {}, small)).status, 201, 'the room is there again');
});

t.test('a storage that is away, or a body that breaks, leaves nothing', (t) =>
  leavesNothing(t, async () => {
    failing = { signedUrl: async () => null, get: () => Promise.reject(new Error('broken')) };
    t.equal((await upload({ name: 'a.png', content: png })).status, 500, 'after the bytes, before the row');
    failing = {};
    const { headers, payload } = formOf({ name: 'a.pdf', content: pdf });
    const cut = await plane.call(acme, token, {
      method: 'POST',
      url: '/api/erp/files',
      headers,
      payload: payload.subarray(0, payload.length - 20),
    });
    t.equal(cut.status, 400);
  }),
);

t.test('one tenant sends so many files at once, and takes nobody else’s place', (t) =>
  leavesNothing(t, async () => {
    let waiting = 0;
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    failing = {
      put: async (key, body, mediaType) => {
        if (!key.startsWith(acme.id)) return storage.put(key, body, mediaType);
        waiting += 1;
        await released;
        throw new Error('broken');
      },
    };
    const sending = Array.from({ length: 16 }, () => upload({ name: 'a.pdf', content: pdf }));
    while (waiting < 16) await new Promise((resolve) => setImmediate(resolve));
    t.match(await upload({ name: 'a.pdf', content: pdf }), { status: 429, body: { code: 'busy' } });
    t.equal((await upload({ name: 'a.pdf', content: pdf }, {}, globex)).status, 201);
    release();
    await Promise.all(sending);
    failing = {};
    const { body, status } = await upload({ name: 'a.pdf', content: pdf });
    t.equal(status, 201, 'there is room again');
    await call('DELETE', `/api/erp/files/${body.id}`);
    const { items } = (await plane.call(globex, plane.token(globex), { method: 'GET', url: '/api/erp/files' })).body;
    await plane.call(globex, plane.token(globex), { method: 'DELETE', url: `/api/erp/files/${items[0].id}` });
  }),
);

t.test('only a form is taken here, and a form nowhere else', async (t) => {
  const { headers, payload } = formOf({ name: 'a.pdf', content: pdf });
  const send = (url: string, type: string, body: Buffer | string) =>
    plane.call(acme, token, { method: 'POST', url, headers: { 'content-type': type }, payload: body });
  for (const type of [
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/mixed; boundary=x',
    'application/pdf',
  ]) {
    t.match(await send('/api/erp/files', type, payload), { status: 415 }, type);
  }
  t.match(await send('/api/erp/files', headers['content-type'].toUpperCase(), 'x'), { status: /^4/ });
  t.match(await send('/api/erp/customers', headers['content-type'], payload), { status: 415 });
  const large = await send('/api/erp/customers', 'application/json', JSON.stringify({ name: 'x'.repeat(10_000_000) }));
  t.match(large, { status: 413, body: { code: 'body_too_large' } });
});

t.test('a socket that is destroyed in the middle leaves nothing', async (t) => {
  await plane.app.tenant.listen({ host: '127.0.0.1', port: 0 });
  // Of a listener at an address and a port, it is an AddressInfo.
  const { port } = plane.app.tenant.server.address() as AddressInfo;
  await leavesNothing(t, async () => {
    const { headers, payload } = formOf({ name: 'a.pdf', content: Buffer.concat([pdf, Buffer.alloc(1_000_000)]) });
    const before = (await onDisk()).length;
    const sending = request({
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: '/api/erp/files',
      headers: {
        ...headers,
        host: 'acme.localhost',
        'x-correlation-id': 'test-upload-cut',
        authorization: `Bearer ${token}`,
        'content-length': payload.length,
      },
    });
    sending.on('error', () => undefined);
    Readable.from([payload.subarray(0, 500_000)]).pipe(sending, { end: false });
    while ((await onDisk()).length === before) await new Promise((resolve) => setImmediate(resolve));
    t.pass('half of it is on its way to the disk');
    sending.destroy();
    await new Promise((resolve) => sending.once('close', resolve));
    while ((await onDisk()).length > before) await new Promise((resolve) => setImmediate(resolve));
  });
});
