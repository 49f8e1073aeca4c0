import { testDatabase } from '@platen/chassis/testkit/database';
import type { AccessTokenParts } from '@platen/chassis/testkit/tokens';
import type { MockupInput } from '@platen/schema/contracts/internal/mockups';
import { permissionCodes } from '@platen/schema/permissions';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { formOf } from '../../testkit/multipart.js';
import type { TestTenant } from '../../testkit/test-plane.js';
import { type Held, openWorkFloor } from '../job-files/running-job.fixture.js';

const floor = await openWorkFloor(t, await testDatabase(t, 'erp'));
const { plane, acme, client } = floor;
const globex = plane.addTenant('globex', 'erp-1');

type Method = 'GET' | 'POST' | 'DELETE' | 'PATCH';
const as = (tenant: TestTenant, parts: AccessTokenParts = {}) => {
  const token = plane.token(tenant, parts);
  return (method: Method, url: string, payload?: object) =>
    plane.call(tenant, token, { method, url, ...(payload && { payload }) });
};
const call = as(acme);

async function upload(
  name: string,
  content: Buffer | string,
  parts: AccessTokenParts = {},
  fields = {},
): Promise<string> {
  const token = plane.token(acme, parts);
  const form = formOf({ name, content }, fields);
  const { status, body } = await plane.call(acme, token, { method: 'POST', url: '/api/erp/files', ...form });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body.id;
}
const plain = (background: string) =>
  sharp({ create: { width: 20, height: 10, channels: 3, background } })
    .png()
    .toBuffer();
let codes = 0;
async function newDesign(file_id: string | null, send = call): Promise<string> {
  codes += 1;
  const { status, body } = await send('POST', '/api/erp/designs', { code: `design-${codes}`, name: 'Crest', file_id });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body.id;
}
async function newProduct(files: readonly string[]): Promise<{ id: string; images: string[] }> {
  codes += 1;
  const base_price = { amount: '4', currency: 'EUR' };
  const { body } = await call('POST', '/api/erp/products', {
    code: `tee/${codes}`,
    name: 'Tee',
    kind: 'blank',
    base_price,
  });
  const images: string[] = [];
  for (const file_id of files) {
    images.push((await call('POST', `/api/erp/products/${body.id}/images`, { file_id })).body.id);
  }
  return { id: body.id, images };
}
/** As a worker does, without looking at the pictures. */
async function compose(id: string, workspaceId: string | null = null, content = 'a picture'): Promise<Held> {
  const held = await floor.claim(id, workspaceId);
  const { file_id, byte_size } = await client.jobFiles.put({ ...held, name: 'a.png', file: content });
  const result = {
    kind: 'mockup' as const,
    file_id,
    file_name: 'a.png',
    byte_size,
    width: 4,
    height: 2,
    cached: false,
  };
  await client.jobs.complete({ ...held, result });
  return held;
}
const red = await plain('#f00');
const artwork = await upload('crest.png', red);
const [front, back] = [await upload('front.png', await plain('#fff')), await upload('back.png', await plain('#eee'))];
const design = await newDesign(artwork);
const product = await newProduct([front, back]);
const wanted = { design_id: design, product_id: product.id };
const ask = (body: object, send = call) => send('POST', '/api/erp/mockups', body);

t.test('a job that names the files, the place and nothing else; its worker reads their bytes', async (t) => {
  const asked = await ask(wanted);
  t.match(asked, {
    status: 201,
    body: { kind: 'mockup', status: 'queued', title: 'Mockup of Crest on Tee', result: null },
  });
  const held = await floor.claim(asked.body.id);
  const bytes = async (which: MockupInput, who: Held = held) =>
    Buffer.from(await (await (await client.mockups.input({ ...who, which })).blob()).arrayBuffer());
  t.ok((await bytes('artwork')).equals(red));
  t.ok((await bytes('garment')).equals(await plain('#fff')), 'the first picture of the product');
  const strangers = [
    [{ ...held, attempt: 2 }, 'lease_lost'],
    [{ ...held, owner: uuidv7() }, 'lease_lost'],
    [{ ...held, id: uuidv7() }, 'not_found'],
    [{ ...held, tenant_id: globex.id, organization_id: globex.organizationIds[0] }, 'not_found'],
    [{ ...held, organization_id: uuidv7() }, 'not_found'],
    [{ ...held, workspace_id: acme.workspaceIds[0] }, 'not_found'],
  ] as const;
  for (const [who, code] of strangers) await t.rejects(bytes('artwork', who), { code });
  await floor.end(held);
  await t.rejects(bytes('artwork'), { code: 'lease_lost' }, 'not after its end');
  const other = await floor.claim(await floor.request({ kind: 'export', title: 'x', payload: {} }));
  await t.rejects(bytes('artwork', other), { code: 'not_found' }, 'of another kind of job');
  await floor.end(other);
});

t.test('the same again is done at once; what makes a difference is not the same', async (t) => {
  const body = { ...wanted, placement: { location: 'back' } };
  const first = await ask(body);
  const earlier = await compose(first.body.id);
  const again = await ask(body);
  const result = (await call('GET', `/api/erp/jobs/${first.body.id}`)).body.result;
  t.match(again, {
    status: 201,
    body: { status: 'succeeded', progress: 0, attempts: 0, result: { ...result, cached: true } },
  });
  t.equal(result.cached, false);
  const { attempt: _attempt, ...claim } = { ...earlier, id: again.body.id };
  t.match(await client.jobs.claim(claim), { job: null, refused: 'finished' });
  t.match(await ask(body), { body: { status: 'succeeded' } }, 'and again');
  const said = { location: 'front', x: 0.5, y: 0.42, width: 0.42, height: 0.5, rotation_degrees: -360 };
  t.match(
    await ask({ ...wanted, placement: said, blend: 'normal', output_width: 2048, image_id: product.images[0] }),
    {
      body: { status: 'succeeded' },
    },
    'the same in other words',
  );
  const twin = await newDesign(await upload('twin.png', red));
  t.match(
    await ask({ ...body, design_id: twin }),
    { body: { status: 'succeeded' } },
    'another design of the same bytes',
  );

  const others = [
    { ...body, placement: { location: 'back', rotation_degrees: 1 } },
    { ...body, placement: { location: 'back', x: 0.51 } },
    { ...body, placement: { location: 'back', width: 0.42 } },
    { ...body, blend: 'multiply' },
    { ...body, output_width: 2047 },
    { ...body, image_id: product.images[1] },
    { ...body, design_id: await newDesign(await upload('blue.png', await plain('#00f'))) },
  ];
  for (const other of others)
    t.match(await ask(other), { status: 201, body: { status: 'queued' } }, JSON.stringify(other));

  t.equal((await call('DELETE', `/api/erp/files/${result.file_id}`)).status, 204);
  const anew = await ask(body);
  t.match(anew, { body: { status: 'queued', result: null } }, 'its file was deleted');
  await compose(anew.body.id);
  t.match(await ask(body), { body: { status: 'succeeded', result: { cached: true } } });
  t.not((await ask(body)).body.result.file_id, result.file_id);
});

t.test('a file is kept for everybody who was given it', async (t) => {
  const body = { ...wanted, placement: { x: 0.1 } };
  const { id } = (await ask(body)).body;
  await compose(id);
  const db = floor.db();
  const soon = `update erp_jobs set expires_at = clock_timestamp() + interval '1 minute' where id = '${id}'`;
  await db.leased.query({ name: 'test.soon', text: soon });
  const { expires_at: given } = (await ask(body)).body;
  const { expires_at: owner } = (await call('GET', `/api/erp/jobs/${id}`)).body;
  t.ok(Math.abs(Date.parse(given) - Date.parse(owner)) < 60_000, `${given} ${owner}`);
});

t.test('a workspace’s own: no other is given its file', async (t: Test) => {
  const [one, two] = acme.workspaceIds;
  const body = { ...wanted, placement: { x: 0.2 } };
  const inOne = as(acme, { ws: one });
  const { id } = (await ask(body, inOne)).body;
  await compose(id, one);
  t.match(await ask(body, inOne), { body: { status: 'succeeded' } });
  t.match(await ask(body, as(acme, { ws: two })), { body: { status: 'queued' } });
  t.match(
    await ask(body),
    { body: { status: 'queued' } },
    'a job of the organization would show what others do not see',
  );

  const secret = await upload('secret.png', await plain('#123'), { ws: one });
  const hidden = await newProduct([]);
  t.match(await as(acme, { ws: two })('POST', `/api/erp/products/${hidden.id}/images`, { file_id: secret }), {
    status: 422,
  });
});

t.test('who may not see both, gets neither', async (t) => {
  for (const permission of ['erp.design.read', 'erp.product.read', 'erp.mockup.create'] as const) {
    const permissions = permissionCodes.filter((code) => code !== permission);
    const refused = await ask(wanted, as(acme, { permissions }));
    t.match(refused, { status: 403, body: { code: 'permission_denied', permission } });
  }
  const field = (name: string) => ({
    status: 422,
    body: { code: 'unknown_reference', errors: [{ path: `/body/${name}` }] },
  });
  t.match(await ask(wanted, as(globex)), field('design_id'), 'another tenant');
  t.match(await ask({ ...wanted, product_id: uuidv7() }), field('product_id'));
  t.match(await ask({ ...wanted, image_id: uuidv7() }), field('image_id'));
  const other = await newProduct([back]);
  t.match(await ask({ ...wanted, image_id: other.images[0] }), field('image_id'), 'of another product');
  const { id } = (await ask({ ...wanted, placement: { x: 0.3 } })).body;
  t.equal((await as(globex)('GET', `/api/erp/jobs/${id}`)).status, 404);
});

t.test('nothing to compose: said, with the field', async (t) => {
  const refused = (name: string, code: string) => ({
    status: 422,
    body: { code, errors: [{ path: `/body/${name}` }] },
  });
  const empty = await newProduct([]);
  t.match(await ask({ ...wanted, product_id: empty.id }), refused('product_id', 'unknown_reference'));
  t.match(await ask({ ...wanted, design_id: await newDesign(null) }), refused('design_id', 'unknown_reference'));
  const pdf = await upload('crest.pdf', '%PDF-1.7\n%%EOF\n');
  const dst = await upload('crest.dst', `LA:crest\rST:   1200\r${' '.repeat(500)}`);
  for (const file of [pdf, dst]) {
    t.match(await ask({ ...wanted, design_id: await newDesign(file) }), refused('design_id', 'file_type_unacceptable'));
  }
  const svg = await upload('crest.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>');
  t.match(await ask({ ...wanted, design_id: await newDesign(svg) }), { status: 201 });
  for (const placement of [{ x: 1.1 }, { width: 0 }, { location: 'nowhere' }, { rotation_degrees: 361 }, { z: 1 }]) {
    t.match(await ask({ ...wanted, placement }), { status: 400, body: { code: 'validation_failed' } });
  }
  for (const output_width of [15, 4097, 99.5]) t.match(await ask({ ...wanted, output_width }), { status: 400 });
});

t.test('what is deleted before it is composed is not read', async (t) => {
  const file = await upload('gone.png', await plain('#0f0'));
  const gone = await newDesign(file);
  const { id } = (await ask({ ...wanted, design_id: gone })).body;
  t.match(await call('PATCH', `/api/erp/designs/${gone}`, { file_id: null }), { status: 200 });
  t.match(await call('DELETE', `/api/erp/files/${file}`), { status: 204 });
  const held = await floor.claim(id);
  await t.rejects(client.mockups.input({ ...held, which: 'artwork' }), { code: 'not_found' });
  t.ok(await (await client.mockups.input({ ...held, which: 'garment' })).text());
  await floor.end(held);
});
