import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FairQueue } from '@platen/chassis/db/fair-queue';
import { AppError } from '@platen/chassis/http/app-error';
import type { Sharp } from 'sharp';

export interface Picture {
  /** In pixels, as it is looked at. */
  readonly width: number;
  readonly height: number;
  /** WebP; null for a picture that would take too much memory to look at. */
  readonly thumbnail: Buffer | null;
}

export interface Pictures {
  /**
   * A PNG that fits into so many pixels, for what is printed; null: not a picture that can be read.
   * One at a time, as `read`.
   */
  toPng(
    tenantId: string,
    open: () => Promise<Readable>,
    within: { readonly width: number; readonly height: number },
  ): Promise<Buffer | null>;
  /**
   * One at a time in the whole process, tenants in turns.
   * @throws AppError file_type_unacceptable for what cannot be read or is too large, busy
   */
  read(tenantId: string, open: () => Promise<Readable>): Promise<Picture>;
}

/** A poster of 84 × 84 cm at 300 dots an inch. What is more is refused before anything of it is unpacked. */
export const maxPixels = 100_000_000;
/** Formats that cannot be read in stripes lie in memory whole, four bytes a pixel. */
const maxPixelsAtOnce = 25_000_000;
const thumbnailPixels = 320;
const timeoutSeconds = 20;

/** Pictures that may wait, of one tenant. */
const maxWaiting = 2_000;
const maxWaitingOfTenant = 200;

export function createPictures(): Pictures {
  const queue = new FairQueue<() => void>(maxWaiting, maxWaitingOfTenant);
  let isBusy = false;
  let sweeping: Promise<void> | undefined;
  const waitForTurn = (tenantId: string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (queue.push(tenantId, resolve, Number.POSITIVE_INFINITY)) return;
      reject(new AppError('busy', 'Many pictures are being looked at', { retryAfterSeconds: 5 }));
    });
  async function inTurn<R>(tenantId: string, work: () => Promise<R>): Promise<R> {
    if (isBusy) await waitForTurn(tenantId);
    isBusy = true;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      // Who is next finds it busy still, so that nobody comes in between.
      if (next) next.item();
      else isBusy = false;
    }
  }
  async function look<R>(open: () => Promise<Readable>, work: (file: string) => Promise<R>): Promise<R> {
    sweeping ??= deleteAbandonedCopies();
    await sweeping;
    return withCopy(open, work);
  }
  return {
    read: (tenantId, open) => inTurn(tenantId, () => look(open, readPicture)),
    toPng: (tenantId, open, within) => inTurn(tenantId, () => look(open, (file) => shrinkToPng(file, within))),
  };
}

/** The library reads from a file in stripes; from a stream it would keep all of it. */
async function withCopy<R>(open: () => Promise<Readable>, work: (file: string) => Promise<R>): Promise<R> {
  const folder = await mkdtemp(path.join(tmpdir(), copyPrefix));
  try {
    const file = path.join(folder, 'picture');
    await pipeline(await open(), createWriteStream(file, { mode: 0o600 }));
    return await work(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const copyPrefix = 'platen-picture-';
/** No picture takes so long to be looked at. */
const abandonedAfterMs = 3_600_000;

/** What processes left that were killed while they looked at a picture: with the first one that is looked at here. */
async function deleteAbandonedCopies(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(copyPrefix)) continue;
    const folder = path.join(tmpdir(), name);
    const found = await stat(folder).catch(() => undefined);
    if (found === undefined || Date.now() - found.mtimeMs < abandonedAfterMs) continue;
    // Somebody else's, perhaps, who may delete it.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function readPicture(file: string): Promise<Picture> {
  const sharp = await loadSharp();
  // The limit is checked below, so that it can be told from damage.
  const open = (): Sharp => sharp(file, { failOn: 'error', sequentialRead: true, limitInputPixels: maxPixels });
  try {
    const { format, autoOrient, isProgressive = false } = await open().metadata();
    const { width, height } = autoOrient;
    if (width * height > maxPixels) {
      throw new AppError('file_type_unacceptable', `A picture has at most ${maxPixels / 1e6} million pixels`);
    }
    const isStriped = format === 'tiff' || (!isProgressive && (format === 'jpeg' || format === 'png'));
    if (!isStriped && width * height > maxPixelsAtOnce) return { width, height, thumbnail: null };
    const thumbnail = await open()
      .timeout({ seconds: timeoutSeconds })
      .autoOrient()
      .resize({ width: thumbnailPixels, height: thumbnailPixels, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 80 })
      .toBuffer();
    return { width, height, thumbnail };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('file_type_unacceptable', 'The picture is damaged or too large', { cause: error });
  }
}

async function shrinkToPng(file: string, within: { readonly width: number; readonly height: number }) {
  const sharp = await loadSharp();
  try {
    return await sharp(file, { sequentialRead: true, limitInputPixels: maxPixelsAtOnce })
      .timeout({ seconds: timeoutSeconds })
      .autoOrient()
      .resize({ ...within, fit: 'inside', withoutEnlargement: true })
      .png()
      .toBuffer();
  } catch {
    return null;
  }
}

/** With the first picture: a quarter of a second and 27 MB. Only what is taken can be read: no SVG, no PDF. */
const loadSharp = async () => {
  loading ??= import('sharp').then(({ default: sharp }) => {
    sharp.cache(false);
    sharp.concurrency(1);
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({ operation: readers });
    return sharp;
  });
  return loading;
};
let loading: Promise<typeof import('sharp').default> | undefined;
const readers = [
  'VipsForeignLoadJpegFile',
  'VipsForeignLoadPngFile',
  'VipsForeignLoadWebpFile',
  'VipsForeignLoadNsgifFile',
  'VipsForeignLoadTiffFile',
];
