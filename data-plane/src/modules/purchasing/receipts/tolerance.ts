import { AppError } from '@platen/chassis/http/app-error';
import {
  add,
  compare,
  type Exact,
  formatShort,
  multiply,
  parseExact,
  percentFactor,
  roundHalfUp,
  subtract,
  zero,
} from '../../pricing/index.js';

/** Of one line, what was ordered, what came before and what comes now. */
export interface Arrival {
  readonly lineId: string;
  readonly ordered: string;
  readonly received: string;
  readonly arriving: Exact;
}

const smallest: Exact = { units: 1, scale: 4 };

/** To the four decimals that quantities have, never more than there is. */
function roundDown(x: Exact): Exact {
  const rounded = roundHalfUp(x, 4);
  return compare(rounded, x) > 0 ? subtract(rounded, smallest) : rounded;
}

/** How much more of a line may come: what was ordered with the tolerance, less what is there. */
export function allowedOf({ ordered, received }: Omit<Arrival, 'arriving'>, tolerancePercent: string): Exact {
  const most = multiply(parseExact(ordered), percentFactor(parseExact(tolerancePercent), 1));
  const left = subtract(roundDown(most), parseExact(received));
  return compare(left, zero) > 0 ? left : zero;
}

/** @throws AppError over_receipt, with what is still allowed of each line that is too much */
export function requireWithinTolerance(arrivals: readonly Arrival[], tolerancePercent: string): void {
  const over = arrivals.flatMap((arrival) => {
    const allowed = allowedOf(arrival, tolerancePercent);
    return compare(arrival.arriving, allowed) > 0 ? [{ arrival, allowed }] : [];
  });
  if (over.length === 0) return;
  throw new AppError(
    'over_receipt',
    `More than ordered is taken up to ${formatShort(parseExact(tolerancePercent))} %`,
    {
      extensions: {
        lines: over.map(({ arrival, allowed }) => ({
          purchase_order_line_id: arrival.lineId,
          ordered_quantity: formatShort(parseExact(arrival.ordered)),
          received_quantity: formatShort(parseExact(arrival.received)),
          quantity: formatShort(arrival.arriving),
          allowed_quantity: formatShort(allowed),
        })),
      },
    },
  );
}

/** Has all that was ordered of the line come with this? */
export const isComplete = ({ ordered, received, arriving }: Omit<Arrival, 'lineId'>): boolean =>
  compare(add(parseExact(received), arriving), parseExact(ordered)) >= 0;
