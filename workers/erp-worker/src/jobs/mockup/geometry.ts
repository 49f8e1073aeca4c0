import { largestMockupPixels } from '@platen/schema/contracts/data/mockups';
import type { MockupPayload } from '@platen/schema/contracts/internal/mockups';

/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}
type Placement = MockupPayload['placement'];

const scaled = ({ width, height }: Size, by: number): Size => ({
  width: Math.max(1, Math.round(width * by)),
  height: Math.max(1, Math.round(height * by)),
});

/** Of the mockup: as wide as wanted, no higher than it may be, and not larger than the picture unless that is a drawing. */
export function outputSize(picture: Size, wantedWidth: number, isDrawing: boolean): Size {
  const by = Math.min(wantedWidth / picture.width, largestMockupPixels / picture.height);
  return scaled(picture, isDrawing ? by : Math.min(1, by));
}

/** Of the artwork: it fills its box in one direction and fits into it in the other. */
export function fitOnto(artwork: Size, picture: Size, { width, height }: Placement): Size {
  const box = { width: width * picture.width, height: height * picture.height };
  return scaled(artwork, Math.min(box.width / artwork.width, box.height / artwork.height));
}

/** What of the turned artwork is within the picture, and where that goes. Its centre always is. */
export function visiblePart(artwork: Size, picture: Size, { x, y }: Pick<Placement, 'x' | 'y'>) {
  const across = along(artwork.width, picture.width, x);
  const down = along(artwork.height, picture.height, y);
  return {
    left: across.start,
    top: down.start,
    part: { left: across.skipped, top: down.skipped, width: across.length, height: down.length },
  };
}

function along(length: number, total: number, centre: number) {
  const from = Math.round(centre * total - length / 2);
  // At the very edge, rounding may leave nothing: one pixel then.
  const start = Math.min(Math.max(0, from), total - 1);
  const end = Math.max(start + 1, Math.min(total, from + length));
  return { start, length: end - start, skipped: Math.min(start - from, length - (end - start)) };
}
