import { readFile, writeFile } from 'node:fs/promises';
import type { MockupInput, MockupPayload } from '@platen/schema/contracts/internal/mockups';
import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { drawingDensity, ownSizeOf, scaleDrawing, sizeOfDrawing } from './drawing.js';
import { fitOnto, outputSize, type Size, visiblePart } from './geometry.js';

export interface MockupTask extends Pick<MockupPayload, 'placement' | 'blend' | 'output_width'> {
  readonly artwork: Source;
  readonly garment: Source;
  /** Where the PNG goes. */
  readonly output: string;
}
export interface Source {
  readonly file: string;
  readonly isSvg: boolean;
}

/** One of the two is damaged, of no kind that is read, or too large. */
export class PictureUnreadable extends Error {
  override readonly name = 'PictureUnreadable';
  readonly which: MockupInput;
  constructor(which: MockupInput, cause: unknown) {
    super(`The ${which} cannot be read: it is damaged or has too many pixels`, { cause });
    this.which = which;
  }
}

/** As for uploads: refused by its head, before anything of it is unpacked. */
const maxPixels = 100_000_000;
/** Formats that cannot be read in stripes lie in memory whole, four bytes a pixel. */
const maxPixelsAtOnce = 25_000_000;
const maxSvgBytes = 8 * 1024 * 1024;
const clear = { r: 0, g: 0, b: 0, alpha: 0 };

sharp.cache(false);
sharp.concurrency(1);
sharp.block({ operation: ['VipsForeignLoad'] });
// An SVG from memory has no place of its own: nothing that it refers to is found.
sharp.unblock({
  operation: ['JpegFile', 'PngFile', 'WebpFile', 'NsgifFile', 'TiffFile', 'SvgBuffer'].map(
    (reader) => `VipsForeignLoad${reader}`,
  ),
});

/** The artwork on the garment, as PNG in sRGB. @throws PictureUnreadable */
export async function composeMockup({ artwork, garment, ...task }: MockupTask): Promise<Size> {
  const below = await openPicture('garment', garment);
  const size = outputSize(below.size, task.output_width, garment.isSvg);
  const above = await openPicture('artwork', artwork);
  const overlay = await placeArtwork(above, size, task.placement);
  const png = await reading('garment', () =>
    below
      .at(size)
      .toColourspace('srgb')
      .composite([{ ...overlay, blend: task.blend === 'multiply' ? 'multiply' : 'over' }])
      .png()
      .toBuffer(),
  );
  await writeFile(task.output, png);
  return size;
}

interface OpenPicture {
  readonly which: MockupInput;
  /** As it is looked at: a camera's note of how it was held is heeded. */
  readonly size: Size;
  /** Read upright, in exactly this size. */
  at(size: Size): Sharp;
}

const limits: SharpOptions = { failOn: 'error', sequentialRead: true, limitInputPixels: maxPixels };

const openPicture = (which: MockupInput, { file, isSvg }: Source): Promise<OpenPicture> =>
  reading(which, () => (isSvg ? openDrawing(which, file) : openPixels(which, file)));

async function openPixels(which: MockupInput, file: string): Promise<OpenPicture> {
  const { format, autoOrient, isProgressive = false } = await sharp(file, limits).metadata();
  const { width, height } = autoOrient;
  const isStriped = format === 'tiff' || (!isProgressive && (format === 'jpeg' || format === 'png'));
  if (width * height > (isStriped ? maxPixels : maxPixelsAtOnce)) throw new Error('so many pixels');
  return {
    which,
    size: { width, height },
    at: (size) =>
      sharp(file, limits)
        .autoOrient()
        .resize({ ...size, fit: 'fill' }),
  };
}

async function openDrawing(which: MockupInput, file: string): Promise<OpenPicture> {
  const svg = await readFile(file);
  if (svg.length > maxSvgBytes) throw new Error('a drawing of so many bytes');
  const options = { ...limits, density: drawingDensity };
  const size = sizeOfDrawing(svg) ?? ownSizeOf(await sharp(svg, options).metadata());
  return {
    which,
    size,
    at: (wanted) => sharp(scaleDrawing(svg, size, wanted), options).resize({ ...wanted, fit: 'fill' }),
  };
}

/** What of the artwork lies on a picture of this size, and where. */
async function placeArtwork(artwork: OpenPicture, on: Size, placement: MockupPayload['placement']) {
  const fitted = await reading('artwork', () =>
    rawOf(
      artwork
        .at(fitOnto(artwork.size, on, placement))
        .toColourspace('srgb')
        .ensureAlpha(),
    ),
  );
  const turned =
    placement.rotation_degrees % 360 === 0
      ? fitted
      : await rawOf(sharp(fitted.input, fitted).rotate(placement.rotation_degrees, { background: clear }));
  const { left, top, part } = visiblePart(turned.raw, on, placement);
  const isWhole = part.width === turned.raw.width && part.height === turned.raw.height;
  return { ...(isWhole ? turned : await rawOf(sharp(turned.input, turned).extract(part))), left, top };
}

async function rawOf(picture: Sharp) {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return { input: data, raw: { width, height, channels } };
}

async function reading<R>(which: MockupInput, read: () => Promise<R>): Promise<R> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof PictureUnreadable ? error : new PictureUnreadable(which, error);
  }
}
