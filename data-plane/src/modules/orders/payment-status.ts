import type { PaymentStatus } from '@platen/schema/states/order';
import { compare, type Exact, zero } from '../pricing/index.js';

/** What an order's payments come to. */
export interface PaymentSums {
  /** Payments less refunds; never less than zero, never more than the total. */
  readonly paid: Exact;
  readonly refunded: boolean;
}

/** The one place that says it; an order that costs nothing is paid once it is confirmed. */
export function paymentStatusOf(total: Exact, { paid, refunded }: PaymentSums): PaymentStatus {
  if (compare(paid, zero) === 0 && refunded) return 'refunded';
  if (compare(paid, total) === 0) return 'paid';
  return compare(paid, zero) === 0 ? 'unpaid' : 'partial';
}
