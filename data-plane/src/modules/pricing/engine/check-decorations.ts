import type { BasketDecoration, BasketLine } from './basket.js';
import type { LineRun } from './line-run.js';
import { PricingRefusal } from './refusal.js';

/** The measure that a process is priced by has to be there. `line`: index in the basket. */
export function requireMeasures({ decorations }: BasketLine, line: number): void {
  for (const [place, decoration] of decorations.entries()) {
    const missing = missingMeasure(decoration);
    if (missing) {
      const message = `Decoration ${place + 1}, ${nameOf(decoration)}, needs ${missing}`;
      throw new PricingRefusal('validation_failed', line, message, `/decorations/${place}/${missing}`);
    }
  }
}

function missingMeasure({ process, colours, stitches, widthMm, heightMm }: BasketDecoration): string | null {
  if (process === 'screen_print') return colours === null ? 'colours' : null;
  if (process === 'embroidery') return stitches === null ? 'stitches' : null;
  if (widthMm === null) return 'width_mm';
  return heightMm === null ? 'height_mm' : null;
}

/** No decoration is free because nobody thought of it. */
export function requireDecorated(run: LineRun): void {
  const place = run.decorated.indexOf(false);
  const decoration = run.line.decorations[place];
  if (!decoration) return;
  const message = `No rule prices decoration ${place + 1}: ${nameOf(decoration)}`;
  throw new PricingRefusal('price_unavailable', run.context.index, message, `/decorations/${place}`);
}

const nameOf = ({ process, location, colours }: BasketDecoration): string =>
  `${process} at ${location}${colours === null ? '' : ` in ${colours} colours`}`;
