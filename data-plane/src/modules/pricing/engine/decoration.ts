import type { Decoration } from '@platen/schema/contracts/data/pricing';
import type { BasketDecoration } from './basket.js';

/** As the API takes it and as receipts name it. */
export const basketDecoration = (given: Decoration): BasketDecoration => ({
  process: given.process,
  location: given.location,
  designId: given.design_id ?? null,
  colours: given.colours ?? null,
  stitches: given.stitches ?? null,
  widthMm: given.width_mm ?? null,
  heightMm: given.height_mm ?? null,
  reorder: given.reorder ?? false,
});

/** RFC 8785 text of the same, without the measures that it has not. */
export function decorationText({
  process,
  location,
  designId,
  colours,
  stitches,
  widthMm,
  heightMm,
  reorder,
}: BasketDecoration): string {
  return (
    `{${colours === null ? '' : `"colours":${colours},`}` +
    `${designId === null ? '' : `"design_id":"${designId}",`}` +
    `${heightMm === null ? '' : `"height_mm":${heightMm},`}` +
    `"location":${JSON.stringify(location)},"process":"${process}"` +
    `${reorder ? ',"reorder":true' : ''}` +
    `${stitches === null ? '' : `,"stitches":${stitches}`}` +
    `${widthMm === null ? '' : `,"width_mm":${widthMm}`}}`
  );
}
