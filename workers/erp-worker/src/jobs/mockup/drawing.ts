import type { Size } from './geometry.js';

/** Of an inch, as CSS has it: a length in millimetres and one in pixels keep their proportion. */
export const drawingDensity = 96;
/** The library scales what is in pixels by this, from points. */
const scale = drawingDensity / 72;

const pixelsPer: Readonly<Record<string, number>> = {
  '': 1,
  px: 1,
  pt: 96 / 72,
  pc: 16,
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
};

/** The drawing's own size in CSS pixels; undefined where it does not say. */
export function sizeOfDrawing(svg: Buffer): Size | undefined {
  const attributes = attributesOf(svg.toString('latin1', rootOf(svg)));
  const [width, height] = [lengthOf(attributes.get('width')), lengthOf(attributes.get('height'))];
  if (width !== undefined && height !== undefined) return { width, height };
  const [, , across = 0, down = 0] = (attributes.get('viewBox') ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  if (!(across > 0 && down > 0)) return undefined;
  if (width !== undefined) return { width, height: (width * down) / across };
  return height === undefined ? { width: across, height: down } : { width: (height * across) / down, height };
}

/**
 * The drawing inside another that scales it: the density cannot do that, since it changes lengths in millimetres twice and
 * those in pixels once. As bytes, so that whatever encoding it names stays true.
 */
export function scaleDrawing(svg: Buffer, own: Size, to: Size): Buffer {
  const root = rootOf(svg);
  const size = `width="${to.width / scale}" height="${to.height / scale}"`;
  const outer = `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${own.width} ${own.height}" preserveAspectRatio="none">`;
  return Buffer.concat([svg.subarray(0, root), Buffer.from(outer), svg.subarray(root), Buffer.from('</svg>')]);
}

/** By the library, where the drawing does not say. */
export const ownSizeOf = ({ width, height }: Size): Size => ({ width: width / scale, height: height / scale });

const prologue = [
  ['<?', '?>'],
  ['<!--', '-->'],
  ['<!DOCTYPE', '>'],
] as const;

/** Where the first element begins. */
function rootOf(svg: Buffer): number {
  const text = svg.toString('latin1');
  let at = text.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0;
  for (;;) {
    at += /^\s*/.exec(text.slice(at, at + 10_000))?.[0].length ?? 0;
    const [, end] = prologue.find(([start]) => text.startsWith(start, at)) ?? [];
    if (end === undefined) break;
    const endsAt = text.indexOf(end, at);
    if (endsAt === -1) break;
    at = endsAt + end.length;
  }
  if (!/^<(?:[\w.-]{1,16}:)?svg[\s/>]/.test(text.slice(at, at + 32))) throw new Error('The first element is not svg');
  return at;
}

function attributesOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  const next = /\s+([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
  next.lastIndex = text.search(/[\s/>]/);
  for (let match = next.exec(text); match !== null; match = next.exec(text)) {
    found.set(match[1] ?? '', match[2] ?? match[3] ?? '');
  }
  return found;
}

/** No length is longer. The pattern below takes the square of its time: without a bound, a drawing could take days. */
const maxLengthText = 64;

function lengthOf(text = ''): number | undefined {
  if (text.length > maxLengthText) return undefined;
  const [, number, unit = ''] = /^\s*\+?(\d*\.?\d+(?:e[+-]?\d{1,3})?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const pixels = Number(number) * (pixelsPer[unit.toLowerCase()] ?? Number.NaN);
  return pixels > 0 && Number.isFinite(pixels) ? pixels : undefined;
}
