import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '@platen/chassis/testkit/until';
import { composeMockup } from '@platen/erp-worker/jobs/mockup/compose';
import { mockupLocations } from '@platen/schema/contracts/data/mockups';
import { createClient } from '@platen/sdk';
import { createNodeTransport } from '@platen/sdk/node';
import t from 'tap';
import { sharedPlatform } from './shared-platform.js';
import { signIn } from './sign-in.js';
import { acme } from './world.js';

// From a request through both planes and the worker's processes to a picture.
const platform = await sharedPlatform(t, 'processes');
const { access } = await signIn(platform, acme.users[0].email);
const transport = createNodeTransport();
t.teardown(() => transport.close());
const client = createClient({
  transport,
  controlUrl: `http://acme.localhost:${platform.ports.control}`,
  dataUrl: `http://acme.localhost:${platform.ports.data}`,
  token: () => access,
});
const { designs, files, jobs, mockups, productImages, products } = client.erp;
const folder = await mkdtemp(path.join(tmpdir(), 'platen-mockups-test-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));

const bytesOf = async (id: string) => Buffer.from(await (await (await files.content({ id })).blob()).arrayBuffer());
const ended = (id: string) =>
  until(
    () => jobs.get({ id }),
    ({ finished_at: at }) => at !== null,
  );
function mockupOf({ result, error }: Awaited<ReturnType<typeof jobs.get>>) {
  if (result?.kind !== 'mockup') throw new Error(`no mockup: ${JSON.stringify(error)}`);
  return result;
}
async function keep(name: string, fileId: string) {
  const file = path.join(folder, name);
  await writeFile(file, await bytesOf(fileId));
  return { file, isSvg: true };
}

const drawing = (content: string) =>
  files.upload({
    file: `<svg xmlns="http://www.w3.org/2000/svg" width="90mm" height="100mm">${content}</svg>`,
    file_name: 'drawing.svg',
  });
const shirt = await drawing('<rect width="100%" height="100%" fill="#1f2937"/>');
const crest = await drawing('<circle cx="50%" cy="50%" r="40%" fill="#b91c1c" fill-opacity=".9"/>');
const design = await designs.create({ code: 'crest', name: 'Crest', file_id: crest.id });
const price = { amount: '9.50', currency: 'EUR' };
const product = await products.create({ code: 'mockup-tee', name: 'Tee', kind: 'blank', base_price: price });
await productImages.attach({ id: product.id, file_id: shirt.id });
const wanted = { design_id: design.id, product_id: product.id, placement: { location: 'left-chest' as const } };

t.test('a worker composes what the shop asked for, once', async (t) => {
  const startedMs = performance.now();
  const asked = await mockups.create({ ...wanted, output_width: 600 });
  t.match(asked, { status: 'queued', kind: 'mockup' });
  const made = mockupOf(await ended(asked.id));
  t.comment(`measured: asked for to composed, ms: ${Math.round(performance.now() - startedMs)}`);
  t.match(made, { width: 600, height: 667, cached: false, file_name: `${product.code}-${design.code}.png` });
  const png = await bytesOf(made.file_id);
  t.equal(png.length, made.byte_size);

  const output = path.join(folder, 'out.png');
  await composeMockup({
    artwork: await keep('artwork', crest.id),
    garment: await keep('garment', shirt.id),
    output,
    placement: { ...mockupLocations['left-chest'], rotation_degrees: 0 },
    blend: 'normal',
    output_width: 600,
  });
  t.ok(png.equals(await readFile(output)), 'the picture is what the two files make');

  const again = await mockups.create({ ...wanted, output_width: 600 });
  t.match(again, { status: 'succeeded', attempts: 0, result: { ...made, cached: true } });
  await files.delete({ id: made.file_id });
  const anew = await mockups.create({ ...wanted, output_width: 600 });
  const second = mockupOf(await ended(anew.id));
  t.not(second.file_id, made.file_id);
  t.ok((await bytesOf(second.file_id)).equals(png));
});

t.test('artwork that cannot be drawn fails its job, not the worker', async (t) => {
  const file = await drawing('<g>');
  const broken = await designs.create({ code: 'broken', name: 'Cut off', file_id: file.id });
  const asked = await mockups.create({ ...wanted, design_id: broken.id });
  const failed = await ended(asked.id);
  t.match(failed, {
    status: 'failed',
    attempts: 1,
    error: { code: 'file_type_unacceptable', message: /^The artwork / },
  });
  t.match(await mockups.create({ ...wanted, output_width: 600 }), { status: 'succeeded' }, 'and the rest goes on');
});
