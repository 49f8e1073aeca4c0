import type { DnOrderRecord } from '@platen/schema/contracts/internal/deconetwork';
import { amountOf, sumOf } from '../amounts.js';
import { momentOf } from '../dates.js';
import type { Order } from '../shapes.js';
import { customerOf } from './customer.js';
import { lineOf } from './order-line.js';
import { textOrNull } from './text.js';

/** @throws RangeError for what is not to be counted */
export function orderOf(order: Order, raw: string): DnOrderRecord {
  const { gift_certificate_amount: gift, credit_used: credit } = order;
  return {
    kind: 'order',
    dn_id: order.order_id,
    modified_at: momentOf(order.date_modified),
    raw,
    status: order.order_status,
    customer: customerOf(order),
    job_name: textOrNull(order.job_name),
    customer_po_number: textOrNull(order.customer_po_number),
    ordered_at: momentOf(order.date_ordered),
    due_on: momentOf(order.date_due)?.slice(0, 10) ?? null,
    items: amountOf(order.item_amount),
    discount: sumOf(order.discount_amount ?? '0', order.coupon_discount_amount ?? '0'),
    shipping: amountOf(order.shipping_amount ?? '0'),
    rush: amountOf(order.rush_order_fee_amount ?? '0'),
    tax: amountOf(order.tax_amount),
    gift_and_credit: sumOf(gift ?? '0', credit ?? '0'),
    billable: amountOf(order.billable_amount),
    outstanding: amountOf(order.outstanding_balance),
    lines: order.order_lines.map(lineOf),
  };
}
