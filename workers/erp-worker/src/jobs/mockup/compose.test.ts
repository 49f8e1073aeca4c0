import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { composeMockup, type MockupTask } from './compose.js';

type Rgba = readonly [number, number, number, number];
const red: Rgba = [255, 0, 0, 255];
const green: Rgba = [0, 255, 0, 255];
const blue: Rgba = [0, 0, 255, 255];
const white: Rgba = [255, 255, 255, 255];
const clear: Rgba = [0, 0, 0, 0];

const folder = await mkdtemp(path.join(tmpdir(), 'platen-compose-test-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
let files = 0;
async function keep(bytes: Buffer | string, isSvg = false) {
  files += 1;
  const file = path.join(folder, `${files}`);
  await writeFile(file, bytes);
  return { file, isSvg };
}
const svg = (content: string, size = 'width="100" height="100"') =>
  keep(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${size}>${content}</svg>`,
    true,
  );

/** From rows of colours, each a block of `block` pixels. */
function pixels(rows: readonly (readonly Rgba[])[], block = 10) {
  const [first = []] = rows;
  const data = Buffer.from(rows.flatMap((row) => row.flatMap((colour) => [...colour])));
  const raw = { width: first.length, height: rows.length, channels: 4 as const };
  return sharp(data, { raw }).resize({
    width: first.length * block,
    height: rows.length * block,
    kernel: 'nearest',
  });
}
const png = async (rows: readonly (readonly Rgba[])[], block = 10) => keep(await pixels(rows, block).png().toBuffer());
const whiteGarment = () => png([[white]], 100);

async function compose(task: Partial<MockupTask> & Pick<MockupTask, 'artwork' | 'garment'>) {
  const output = path.join(folder, 'out.png');
  const placement = { x: 0.5, y: 0.5, width: 0.4, height: 0.4, rotation_degrees: 0, ...task.placement };
  const size = await composeMockup({ blend: 'normal', output_width: 4096, ...task, placement, output });
  const { data, info } = await sharp(output).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  if (size.width !== info.width || size.height !== info.height) throw new Error('it is not of the size that it says');
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 4, (y * info.width + x) * 4 + 4)];
  return { ...size, at, data, metadata: await sharp(output).metadata() };
}
const near = (t: Test, found: readonly number[], wanted: Rgba, by = 3) =>
  t.ok(
    found.every((value, index) => Math.abs(value - (wanted[index] ?? 0)) <= by),
    `${found} is about ${wanted}`,
  );

t.test('the artwork fills its box, to the pixel, and keeps its proportions', async (t) => {
  const { at, width, height } = await compose({ artwork: await png([[red, blue]]), garment: await whiteGarment() });
  t.same([width, height], [100, 100]);
  // A box of 40 by 40 around the centre; twice as wide as high, so 40 by 20.
  t.same([at(29, 50), at(30, 40), at(30, 59), at(48, 50)], [white, red, red, red]);
  t.same([at(51, 50), at(69, 40), at(69, 59), at(70, 50)], [blue, blue, blue, white]);
  t.same([at(50, 39), at(50, 60)], [white, white]);
  const high = await compose({ artwork: await png([[red], [blue]]), garment: await whiteGarment() });
  t.same([high.at(39, 50), high.at(40, 30), high.at(59, 69), high.at(60, 50)], [white, red, blue, white]);
});

t.test('what is clear stays clear, what is half there is half seen, and edges are not dark', async (t) => {
  const half: Rgba = [255, 0, 0, 128];
  const { at } = await compose({ artwork: await png([[clear, half]]), garment: await png([[green]], 100) });
  t.same(at(35, 50), green);
  near(t, at(65, 50), [128, 127, 0, 255]);
  const edge = await compose({
    artwork: await png([[clear, red]]),
    garment: await png([[red]], 100),
    placement: { x: 0.5, y: 0.5, width: 0.5, height: 0.5, rotation_degrees: 33 },
  });
  const darkest = edge.data.reduce((least, value, index) => (index % 4 === 0 ? Math.min(least, value) : least), 255);
  t.ok(darkest >= 253, `red on red is red, its edges too: ${darkest}`);
  const onNothing = await compose({ artwork: await png([[red]]), garment: await png([[clear]], 100) });
  t.same([onNothing.at(50, 50), onNothing.at(5, 5)], [red, clear], 'a garment may be cut out');
});

t.test('clockwise, about its centre', async (t) => {
  const artwork = await png([[red, blue]]);
  const garment = await whiteGarment();
  const placement = { x: 0.5, y: 0.5, width: 0.4, height: 0.4, rotation_degrees: 90 };
  const quarter = await compose({ artwork, garment, placement });
  t.same([quarter.at(50, 31), quarter.at(50, 68), quarter.at(42, 35), quarter.at(38, 50)], [red, blue, red, white]);
  t.same(quarter.at(50, 29), white);
  const turned = await compose({ artwork, garment, placement: { ...placement, rotation_degrees: 45 } });
  // The middle of the red half was 10 to the left of the centre.
  t.same(turned.at(50 - 7, 50 - 7), red);
  t.same(turned.at(50 + 7, 50 + 7), blue);
  t.same([turned.at(50 - 14, 50 + 14), turned.at(50 + 14, 50 - 14)], [white, white]);
});

t.test('cut off at the edges of the picture, in every corner', async (t) => {
  const artwork = await png([[red, blue]], 100);
  for (const [x, y] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ] as const) {
    for (const rotation_degrees of [0, 30]) {
      const placement = { x, y, width: 1, height: 1, rotation_degrees };
      const { at } = await compose({ artwork, garment: await whiteGarment(), placement });
      if (rotation_degrees === 0) t.same(at(x === 0 ? 10 : 89, y === 0 ? 10 : 89), x === 0 ? blue : red, `${x} ${y}`);
      else t.not(String(at(x * 99, y * 99)), String(white));
    }
  }
  const dot = await compose({
    artwork: await png([[red]]),
    garment: await whiteGarment(),
    placement: { x: 1, y: 1, width: 0.01, height: 0.01, rotation_degrees: 0 },
  });
  t.same(dot.at(99, 99), red);
});

t.test('a photo is seen as it was held, in sRGB, and tells nothing of the camera', async (t) => {
  // Stored lying on its side: green is left of blue, and on top when it is turned upright.
  const lying = pixels([[green, blue]], 60)
    .flatten()
    .withExif({ IFD0: { Model: 'Spy' } })
    .withMetadata({ orientation: 6 });
  const garment = await keep(await lying.jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer());
  const photo = await compose({
    artwork: await png([[red]]),
    garment,
    placement: { x: 0.5, y: 0.25, width: 0.5, height: 1, rotation_degrees: 0 },
  });
  t.same([photo.width, photo.height], [60, 120]);
  near(t, photo.at(5, 5), green);
  near(t, photo.at(55, 115), blue);
  t.same([photo.at(30, 30), photo.at(16, 30), photo.at(43, 30)], [red, red, red]);
  t.match(photo.metadata, { orientation: undefined, exif: undefined, space: 'srgb', format: 'png' });

  const held = await pixels([[red], [blue]])
    .png()
    .withMetadata({ orientation: 3 })
    .toBuffer();
  const upsideDown = await compose({ artwork: await keep(held), garment: await whiteGarment() });
  t.same([upsideDown.at(50, 35), upsideDown.at(50, 65)], [blue, red]);

  // The same numbers are another, redder red there.
  const p3 = await keep(
    await pixels([[[200, 60, 60, 255]]])
      .withIccProfile('p3')
      .png()
      .toBuffer(),
  );
  t.ok((await sharp(p3.file).metadata()).icc);
  near(t, (await compose({ artwork: p3, garment: await whiteGarment() })).at(50, 50), [200, 60, 60, 255]);

  const grey = await pixels([[white]], 100)
    .flatten()
    .greyscale()
    .jpeg()
    .toBuffer();
  const onGrey = await compose({ artwork: await png([[red]]), garment: await keep(grey) });
  t.same(onGrey.at(50, 50), red, 'colour on a grey picture');
  const cmyk = await pixels([[red]])
    .flatten()
    .toColourspace('cmyk')
    .jpeg()
    .toBuffer();
  const ofCmyk = await compose({ artwork: await keep(cmyk), garment: await whiteGarment() });
  const [r = 0, g = 255] = ofCmyk.at(50, 50);
  t.ok(r > 200 && g < 90, `${ofCmyk.at(50, 50)} is some red`);
});

t.test('the white of a JPEG stays, or prints as ink does', async (t) => {
  const jpeg = await pixels([[white, red]])
    .flatten()
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .toBuffer();
  const artwork = await keep(jpeg);
  const garment = await png([[[200, 200, 0, 255]]], 100);
  const normal = await compose({ artwork, garment });
  near(t, normal.at(35, 50), white);
  const multiplied = await compose({ artwork, garment, blend: 'multiply' });
  near(t, multiplied.at(35, 50), [200, 200, 0, 255]);
  near(t, multiplied.at(65, 50), [200, 0, 0, 255]);
});

t.test('drawings are drawn sharp at any size; pictures are never enlarged', async (t) => {
  const garment = await svg('<rect width="10" height="10" fill="#0f0"/>', 'width="10" height="10"');
  const artwork = await svg(
    '<rect width="1" height="2" fill="#f00"/><rect x="1" width="1" height="2" fill="#00f"/>',
    'viewBox="0 0 2 2" width="2" height="2"',
  );
  const drawn = await compose({ artwork, garment, output_width: 1000 });
  t.same([drawn.width, drawn.height], [1000, 1000]);
  t.same([drawn.at(299, 500), drawn.at(300, 500), drawn.at(499, 500), drawn.at(500, 500)], [green, red, red, blue]);
  const small = await compose({ artwork, garment: await whiteGarment(), output_width: 1000 });
  t.equal(small.width, 100);
  const reduced = await compose({ artwork, garment: await whiteGarment(), output_width: 16 });
  t.equal(reduced.width, 16);
  const tower = await svg('<rect width="1" height="100" fill="#0f0"/>', 'width="1" height="100"');
  t.same((({ width, height }) => [width, height])(await compose({ artwork, garment: tower })), [41, 4096]);
});

t.test('a drawing is the same at any size, whatever its lengths are in', async (t) => {
  // Half of it red, by each of its ways of saying so.
  const half = (rectangle: string, root: string, before = '') =>
    keep(`${before}<svg xmlns="http://www.w3.org/2000/svg" ${root}>${rectangle}</svg>`, true);
  const drawings = {
    pixels: await half('<rect width="50" height="50" fill="#f00"/>', 'width="100" height="50"'),
    millimetres: await half('<rect width="50%" height="100%" fill="#f00"/>', 'width="100mm" height="50mm"'),
    'pixels in inches': await half('<rect width="96" height="96" fill="#f00"/>', 'width="2in" height="1in"'),
    'millimetres in pixels': await half('<rect width="25.4mm" height="1in" fill="#f00"/>', 'width="192" height="96px"'),
    'a view box': await half('<rect width="5" height="5" fill="#f00"/>', `viewBox='0,0 10 5'`),
    'a view box in points': await half('<rect width="5" height="5" fill="#f00"/>', 'viewBox="0 0 10 5" width="7pt"'),
    'a view box and a height': await half('<rect width="5" height="5" fill="#f00"/>', 'height="7" viewBox="0 0 10 5"'),
    percents: await half('<rect width="5" height="5" fill="#f00"/>', 'width="100%" height="100%" viewBox="0 0 10 5"'),
    'a speck': await half('<rect width=".5" height="9" fill="#f00"/>', 'width="1" height=".5"'),
    'nothing of it': await half(
      '<rect width="50" height="50" fill="#f00"/><rect x="50" width="50" height="50" fill="none"/>',
      '',
    ),
    prologue: await half(
      '<title>\u00e9</title><rect width="50" height="50" fill="#f00"/>',
      'width="100" height="50"',
      '\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<!-- <svg> -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">\n',
    ),
  };
  for (const [name, artwork] of Object.entries(drawings)) {
    for (const width of [0.02, 0.6]) {
      const placement = { x: 0.5, y: 0.5, width, height: 1, rotation_degrees: 0 };
      const { at } = await compose({ artwork, garment: await svg(''), placement, output_width: 1_000 });
      const [left, centre, right] = [500 - width * 500, 500, 500 + width * 500];
      const clearAt = [at(left - 2, 500), at(centre + 3, 500), at(right - 2, 500), at(right + 2, 500)];
      t.same(clearAt, [clear, clear, clear, clear], `${name} at ${width}`);
      t.same([at(left + 2, 500), at(centre - 3, 500)], [red, red]);
    }
  }
});

t.test('the same makes the same bytes', async (t) => {
  const task = { artwork: await png([[red, clear]]), garment: await whiteGarment() };
  t.ok((await compose(task)).data.equals((await compose(task)).data));
});

t.test('what is damaged, too large or of another kind is said to be so', async (t) => {
  const fine = { artwork: await png([[red]]), garment: await whiteGarment() };
  const whole = await pixels([[red, green, blue]], 100)
    .png()
    .toBuffer();
  // A head that claims 40,000 by 40,000 pixels.
  const bomb = Buffer.from(whole);
  bomb.writeUInt32BE(40_000, 16);
  bomb.writeUInt32BE(40_000, 20);
  const bad = {
    'cut off': await keep(whole.subarray(0, whole.length / 2)),
    'a bomb': await keep(bomb),
    text: await keep('no picture'),
    empty: await keep(''),
    pdf: await keep('%PDF-1.7\n'),
    'a drawing by another name': { ...(await svg('<rect width="10" height="10"/>')), isSvg: false },
    'no drawing': await keep('<svg', true),
    'a drawing of 10 MB': await svg(`<!--${'x'.repeat(10_000_000)}-->`),
    'a GIF of 36 million pixels': await keep(
      Buffer.concat([Buffer.from('GIF89a'), Buffer.from([0x70, 0x17, 0x70, 0x17, 0, 0, 0])]),
    ),
  };
  for (const [name, picture] of Object.entries(bad)) {
    const wanted = (which: string) => ({ name: 'PictureUnreadable', which });
    await t.rejects(compose({ ...fine, artwork: picture }), wanted('artwork'), name);
    await t.rejects(compose({ ...fine, garment: picture }), wanted('garment'), name);
  }
});

t.test('a drawing shows nothing of this machine', async (t) => {
  const secret = await png([[red]], 100);
  const references = [
    `<image width="100" height="100" xlink:href="file://${secret.file}"/>`,
    `<image width="100" height="100" href="${secret.file}"/>`,
    `<image width="100" height="100" href="${path.basename(secret.file)}"/>`,
    `<use href="file://${secret.file}#a"/>`,
    `<style>@import url("file://${secret.file}"); rect { fill: #f00 }</style>`,
    `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${secret.file}" parse="text"/>`,
  ];
  for (const reference of references) {
    const { at } = await compose({ artwork: await svg(reference), garment: await whiteGarment() });
    t.same(at(50, 50), white, reference.slice(0, 40));
  }
});
