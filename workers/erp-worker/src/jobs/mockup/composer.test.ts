import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import t from 'tap';
import type { MockupTask } from './compose.js';
import { type ComposerSettings, createComposer } from './composer.js';

const folder = await mkdtemp(path.join(tmpdir(), 'platen-composer-test-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const output = path.join(folder, 'out.png');
const at = { x: 0.5, y: 0.5, width: 0.6, height: 0.6, rotation_degrees: 30 };
const never = new AbortController().signal;
const generous: ComposerSettings = { maxMemoryBytes: 1_024 ** 3, timeoutMs: 60_000 };

async function noisy(width: number) {
  const file = path.join(folder, 'large.png');
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 60 };
  // A tile of noise over and over: making the fixture is not what is measured.
  const tile = await sharp({ create: { width: 256, height: 256, channels: 3, background: '#000', noise } })
    .png()
    .toBuffer();
  await sharp({ create: { width, height: width, channels: 3, background: '#000' } })
    .composite([{ input: tile, tile: true }])
    .png({ compressionLevel: 1 })
    .toFile(file);
  return { file, isSvg: false };
}
async function drawing(name: string, content: string) {
  const file = path.join(folder, name);
  await writeFile(file, `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">${content}</svg>`);
  return { file, isSvg: true };
}
const rectangle = await drawing('rectangle.svg', '<rect width="100" height="100" fill="#f00"/>');
const task: MockupTask = {
  artwork: rectangle,
  garment: rectangle,
  output,
  placement: at,
  blend: 'normal',
  output_width: 64,
};

const large = await noisy(6_000);

t.test('a large picture takes what it may', async (t) => {
  const startedMs = performance.now();
  const composed = await createComposer().compose({ ...task, garment: large, output_width: 4_096 }, folder, never);
  if (!('peakMemoryBytes' in composed)) throw new Error(composed.why);
  const { width, peakMemoryBytes } = composed;
  t.equal(width, 4_096);
  t.ok(peakMemoryBytes < 512 * 2 ** 20, 'half of the bound');
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  t.comment(
    `measured: 6000 x 6000 pixels to 4096: ${Math.round(peakMemoryBytes / 2 ** 20)} MiB in its process, ${seconds} s`,
  );
});

t.test('at its bounds the composition ends', async (t) => {
  const tooCostly = { name: 'CompositionTooCostly' };
  const refused = (settings: Partial<ComposerSettings>, parts: Partial<MockupTask> = {}) =>
    t.rejects(createComposer({ ...generous, ...settings }).compose({ ...task, ...parts }, folder, never), tooCostly);
  await refused({ timeoutMs: 1 }, { garment: large });
  await refused({ maxMemoryBytes: 10_000_000 }, { garment: large });
  const blurs = '<filter id="f"><feGaussianBlur stdDeviation="9"/><feTurbulence numOctaves="9"/></filter>';
  const deep = `${'<g filter="url(#f)" opacity=".9">'.repeat(40)}<rect width="100" height="100"/>${'</g>'.repeat(40)}`;
  await refused({ timeoutMs: 300 }, { artwork: await drawing('deep.svg', blurs + deep), output_width: 4_096 });
  const levels = Array.from({ length: 9 }, (_, level) => {
    const inner = level === 0 ? '<rect width="1" height="1"/>' : `<use href="#l${level - 1}"/>`.repeat(10);
    return `<g id="l${level}">${inner}</g>`;
  });
  const laughs = await drawing('laughs.svg', `<defs>${levels.join('')}</defs><use href="#l8"/>`);
  await refused({ timeoutMs: 300 }, { artwork: laughs });
});

t.test('one at a time; who gives up is not waited for', async (t) => {
  const composer = createComposer();
  const ending = new AbortController();
  const first = composer.compose({ ...task, garment: large, output_width: 4_096 }, folder, ending.signal);
  const second = composer.compose(task, folder, never);
  const third = composer.compose(task, folder, AbortSignal.abort('cancelled'));
  ending.abort('cancelled');
  await t.rejects(first);
  t.match(await second, { width: 64, height: 64 });
  await t.rejects(third);
});

t.test('it ends with the worker', async (t) => {
  const entry = fileURLToPath(new URL('./compose-process.js', import.meta.url));
  const slow = { ...task, garment: large, output_width: 4_096 };
  const child = spawn(process.execPath, [entry, JSON.stringify([slow, generous])], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.end();
  const [code, killedBy] = await once(child, 'exit');
  t.same([code, killedBy], [null, 'SIGKILL']);
});
