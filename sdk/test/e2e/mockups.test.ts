import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { composeMockup } from '@platen/erp-worker/jobs/mockup/compose';
import { mockupLocations } from '@platen/schema/contracts/data/mockups';
import { createClient } from '@platen/sdk';
import { createNodeTransport } from '@platen/sdk/node';
import t from 'tap';
import { startPlatform } from './platform.js';
import { signIn } from './sign-in.js';
import { acme, until } from './world.js';

// Of what the demo shop has: from a request through both planes and the worker's processes to a picture.
const platform = await startPlatform(t);
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

const design = (await designs.list({ limit: 200 })).items.find(({ file_id: file }) => file !== null);
const [product] = (await products.list({ code_prefix: 'classic-tee' })).items;
if (!design?.file_id || !product) throw new Error('the seeds have made neither');
const [image] = (await productImages.list({ id: product.id })).items;
if (!image) throw new Error('the seeds have made no picture');
const wanted = { design_id: design.id, product_id: product.id, placement: { location: 'left-chest' as const } };

t.test('a worker composes what the shop asked for, once', async (t) => {
  const startedMs = performance.now();
  const asked = await mockups.create({ ...wanted, output_width: 600 });
  t.match(asked, { status: 'queued', kind: 'mockup' });
  const made = mockupOf(await ended(asked.id));
  t.comment(`measured: asked for to composed, ms: ${Math.round(performance.now() - startedMs)}`);
  t.match(made, { width: 600, height: 600, cached: false, file_name: `${product.code}-${design.code}.png` });
  const png = await bytesOf(made.file_id);
  t.equal(png.length, made.byte_size);

  const output = path.join(folder, 'out.png');
  await composeMockup({
    artwork: await keep('artwork', design.file_id ?? ''),
    garment: await keep('garment', image.file_id),
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
  const levels = Array.from({ length: 9 }, (_, level) => {
    const inner = level === 0 ? '<rect width="1" height="1"/>' : `<use href="#l${level - 1}"/>`.repeat(10);
    return `<g id="l${level}">${inner}</g>`;
  });
  const content = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><defs>${levels.join('')}</defs><use href="#l8"/></svg>`;
  const file = await files.upload({ file: content, file_name: 'laughs.svg' });
  const bomb = await designs.create({ code: 'laughs', name: 'A million laughs', file_id: file.id });
  const asked = await mockups.create({ ...wanted, design_id: bomb.id });
  const failed = await ended(asked.id);
  t.match(failed, {
    status: 'failed',
    attempts: 1,
    error: { code: 'file_type_unacceptable', message: /^The artwork / },
  });
  t.match(await mockups.create({ ...wanted, output_width: 600 }), { status: 'succeeded' }, 'and the rest goes on');
});
