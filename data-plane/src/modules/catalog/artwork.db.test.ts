import { testDatabase } from '@platen/chassis/testkit/database';
import { Design } from '@platen/schema/contracts/data/designs';
import { ProductImage } from '@platen/schema/contracts/data/product-images';
import postgres from 'postgres';
import t from 'tap';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { v7 } from 'uuid';
import { openTestPlane, type TestTenant } from '../../testkit/test-plane.js';

const database = await testDatabase(t, 'erp');
const plane = openTestPlane(t, { 'erp-1': database });
const acme = plane.addTenant('acme', 'erp-1');
const globex = plane.addTenant('globex', 'erp-1');
const token = plane.token(acme);
const superuser = postgres(database.superuserUrl, { max: 1 });
t.teardown(() => superuser.end());

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
const call = (method: Method, url: string, payload?: object, headers?: Record<string, string>) =>
  plane.call(acme, token, { method, url, ...(payload && { payload }), ...(headers && { headers }) });
const fits = (schema: TSchema, value: unknown): string =>
  [...Compile(schema).Errors(value)].map((error) => `${error.instancePath} ${error.message}`).join('; ');

/** A row as an upload leaves it. */
async function addFile(owner: TestTenant, mediaType: string, parts: { workspaceId?: string; deletedAt?: Date } = {}) {
  const id = v7();
  await superuser`insert into erp_files ${superuser({
    tenant_id: owner.id,
    organization_id: owner.organizationIds[0],
    workspace_id: parts.workspaceId ?? null,
    id,
    storage_key: id,
    file_name: 'artwork',
    media_type: mediaType,
    byte_size: 3,
    sha256: id.replaceAll('-', '').repeat(2),
    uploaded_by: v7(),
    deleted_at: parts.deletedAt ?? null,
  })}`;
  return { id, sha256: id.replaceAll('-', '').repeat(2) };
}

t.test('pictures of a product: added, described, put in order, taken away', async (t) => {
  const body = { code: 'tee', name: 'Tee', kind: 'blank', base_price: { amount: '4', currency: 'EUR' } };
  const product = (await call('POST', '/api/erp/products', body)).body.id;
  const url = `/api/erp/products/${product}/images`;
  const attach = (file_id: string, rest: object = {}) => call('POST', url, { file_id, ...rest });
  t.match(await call('GET', url), { status: 200, body: { items: [], next_cursor: null } });

  const made = await attach((await addFile(acme, 'image/png')).id, { alt: 'Front' });
  t.match(made, { status: 201, body: { alt: 'Front', position: 0, version: 1, product_id: product } });
  t.equal(fits(ProductImage, made.body), '');
  const second = (await attach((await addFile(acme, 'image/jpeg')).id)).body;
  t.match(second, { position: 1, alt: '' });
  const third = (await attach((await addFile(acme, 'image/webp')).id)).body;
  const order = async () => (await call('GET', `${url}?limit=200`)).body.items.map(({ id }: { id: string }) => id);
  t.same(await order(), [made.body.id, second.id, third.id]);
  const first = await call('GET', `${url}?limit=2`);
  t.equal((await call('GET', `${url}?limit=2&cursor=${first.body.next_cursor}`)).body.items[0].id, third.id);

  t.match(await call('PUT', `${url}/order`, { image_ids: [third.id, made.body.id, second.id] }), { status: 204 });
  t.same(await order(), [third.id, made.body.id, second.id]);
  for (const image_ids of [[third.id], [third.id, made.body.id, v7()], [third.id, made.body.id, second.id, v7()]]) {
    t.match(await call('PUT', `${url}/order`, { image_ids }), { status: 409, body: { code: 'content_changed' } });
  }
  const changed = await call('PATCH', `${url}/${third.id}`, { alt: 'Back', position: 9 }, { 'if-match': '"2"' });
  t.match(changed, { status: 200, body: { alt: 'Back', position: 9, version: 3 } });
  t.match(await call('PATCH', `${url}/${third.id}`, { alt: 'x' }, { 'if-match': '"2"' }), { status: 412 });
  t.equal((await call('DELETE', `${url}/${second.id}`)).status, 204);
  t.equal((await call('DELETE', `${url}/${second.id}`)).status, 404);
  t.same(await order(), [made.body.id, third.id]);

  const other = (await call('POST', '/api/erp/products', { ...body, code: 'cap' })).body.id;
  const foreign = `/api/erp/products/${other}/images/${third.id}`;
  t.equal((await call('PATCH', foreign, { alt: 'x' })).status, 404, 'of this product, not of any');
  t.equal((await call('DELETE', foreign)).status, 404);

  t.match(await attach((await addFile(acme, 'application/pdf')).id), {
    status: 422,
    body: { code: 'file_type_unacceptable', errors: [{ path: '/body/file_id' }] },
  });
  const unseen = [
    v7(),
    (await addFile(globex, 'image/png')).id,
    (await addFile(acme, 'image/png', { deletedAt: new Date() })).id,
  ];
  for (const id of unseen) {
    t.match(await attach(id), {
      status: 422,
      body: { code: 'unknown_reference', errors: [{ path: '/body/file_id' }] },
    });
  }
  const nobody = `/api/erp/products/${v7()}/images`;
  t.equal((await call('GET', nobody)).status, 404);
  t.equal((await call('POST', nobody, { file_id: unseen[0] })).status, 404);
  t.equal((await call('PUT', `${nobody}/order`, { image_ids: [] })).status, 404);
});

t.test('designs: the hash is that of the file', async (t) => {
  const file = await addFile(acme, 'image/svg+xml');
  const body = { code: 'CREST', name: 'Crest', file_id: file.id, colours: 3, width_mm: 90, height_mm: 80 };
  const created = await call('POST', '/api/erp/designs', body);
  t.match(created, { status: 201, body: { code: 'crest', hash: file.sha256, colours: 3, stitches: null, version: 1 } });
  t.equal(fits(Design, created.body), '');
  const url = `/api/erp/designs/${created.body.id}`;
  t.same((await call('GET', url)).body, created.body);

  const redrawn = await addFile(acme, 'image/png');
  t.match((await call('PATCH', url, { name: 'Crest II' })).body, { hash: file.sha256, version: 2 });
  const changed = await call('PATCH', url, { file_id: redrawn.id, stitches: 8400 }, { 'if-match': '"2"' });
  t.match(changed.body, { hash: redrawn.sha256, file_id: redrawn.id, stitches: 8400, colours: 3, version: 3 });
  t.match((await call('PATCH', url, { file_id: null })).body, { hash: null, file_id: null, version: 4 });
  t.match(await call('PATCH', url, { name: 'x' }, { 'if-match': '"1"' }), { status: 412 });
  t.match(await call('POST', '/api/erp/designs', body), {
    status: 409,
    body: { code: 'duplicate', errors: [{ path: '/body/code' }] },
  });
  t.match(await call('PATCH', url, { hash: 'f'.repeat(64) }), { status: 400 }, 'nobody sets it by hand');

  for (const unseen of [v7(), (await addFile(globex, 'image/png')).id]) {
    t.match(await call('PATCH', url, { file_id: unseen, customer_id: unseen }), {
      status: 422,
      body: { errors: [{ path: '/body/customer_id' }, { path: '/body/file_id' }] },
    });
    t.match(await call('POST', '/api/erp/designs', { ...body, code: 'other', file_id: unseen }), { status: 422 });
  }
  t.equal((await call('PATCH', `/api/erp/designs/${v7()}`, { name: 'x' })).status, 404);
});

t.test('designs by customer and by the beginning of their code', async (t) => {
  const customer = (await call('POST', '/api/erp/customers', { code: 'rowing', name: 'Rowing Club' })).body.id;
  for (const code of ['row-1', 'row-2', 'row-3', 'bow-1']) {
    await call('POST', '/api/erp/designs', { code, name: code, ...(code !== 'row-2' && { customer_id: customer }) });
  }
  const codes = async (query: string) =>
    (await call('GET', `/api/erp/designs?${query}`)).body.items.map(({ code }: { code: string }) => code);
  t.same(await codes('code_prefix=ROW-'), ['row-1', 'row-2', 'row-3']);
  t.same(await codes(`customer_id=${customer}`), ['bow-1', 'row-3', 'row-1'], 'newest first');
  t.same(await codes(`customer_id=${customer}&code_prefix=row`), ['row-1', 'row-3']);
  const page = await call('GET', '/api/erp/designs?code_prefix=row&limit=2');
  t.same(await codes(`code_prefix=row&limit=2&cursor=${page.body.next_cursor}`), ['row-3']);
  t.match(await call('GET', `/api/erp/designs?code_prefix=ro&limit=2&cursor=${page.body.next_cursor}`), {
    status: 400,
  });
});

t.test('artwork that nobody owned is the design’s from then on, and seen wherever the design is', async (t) => {
  const [here, there] = acme.workspaceIds;
  const file = await addFile(acme, 'image/png', { workspaceId: here });
  const as = (ws: string | undefined, method: Method, url: string, payload?: object) =>
    plane.call(acme, plane.token(acme, { ws: ws ?? null }), { method, url, ...(payload && { payload }) });
  t.equal((await as(there, 'GET', `/api/erp/files/${file.id}`)).status, 404, 'uploaded in one workspace');
  const design = { code: 'shared', name: 'Shared', file_id: file.id };
  t.equal((await as(there, 'POST', '/api/erp/designs', design)).status, 422, 'which another cannot name');
  const made = (await as(here, 'POST', '/api/erp/designs', design)).body;
  t.match(await as(there, 'GET', `/api/erp/files/${file.id}`), {
    status: 200,
    body: { owner_kind: 'design', owner_id: made.id },
  });

  const owned = await addFile(acme, 'image/png', { workspaceId: here });
  await superuser`update erp_files set owner_kind = 'order', owner_id = ${v7()} where id = ${owned.id}`;
  t.equal((await as(here, 'PATCH', `/api/erp/designs/${made.id}`, { file_id: owned.id })).status, 200);
  t.equal((await as(there, 'GET', `/api/erp/files/${owned.id}`)).status, 404, 'what has an owner stays with it');

  const picture = await addFile(acme, 'image/png', { workspaceId: here });
  await as(here, 'PATCH', `/api/erp/designs/${made.id}`, { file_id: picture.id });
  t.equal((await as(there, 'GET', `/api/erp/files/${picture.id}`)).status, 200);
});
