import { storeOrder } from './change-orders.js';
import { entriesOf, flagOf, integerOf, type Parameters, textOf } from './parameters.js';
import { invalidParameters } from './refusal.js';
import { orderStatusCodes } from './shapes.js';
import type { SiteState } from './state.js';
import type { SiteLineSize, SiteOrder, SiteOrderLine } from './truth.js';

const { produced, shipped, cancelled } = orderStatusCodes;
type NewStatus = typeof produced | typeof shipped;

/** One change, or a batch of `changes[n][…]`; those before a refused one stay. Nothing can be taken back. */
export function updateOrderStatus(state: SiteState, parameters: Parameters): void {
  const batch = entriesOf(parameters, 'changes');
  for (const change of batch.length > 0 ? batch : [parameters]) applyChange(state, change);
}

function applyChange(state: SiteState, change: Parameters): void {
  const orderId = textOf(change, 'order_id') ?? '';
  const order = state.orders.get(orderId);
  const newStatus = integerOf(change, 'new_status');
  if (order === undefined || order.status === cancelled) throw invalidParameters();
  if (newStatus !== produced && newStatus !== shipped) throw invalidParameters();
  if (newStatus < order.status) throw invalidParameters();
  const orderLineId = textOf(change, 'order_line_id');
  const workflowItemId = textOf(change, 'workflow_item_id');
  const qty = integerOf(change, 'qty');
  const shippingCode = textOf(change, 'shipping_code');
  const lines = order.lines.map((line) => moveLine(line, newStatus, { orderLineId, workflowItemId, qty }));
  const touched = lines.some((line, index) => line !== order.lines[index]);
  if (!touched && !matches(order, orderLineId, workflowItemId)) throw invalidParameters();
  if (touched) store(state, order, lines, shippingCode);
  const contactCustomer = flagOf(change, 'contact_customer');
  const ofWholeOrder = orderLineId === undefined && workflowItemId === undefined;
  if (touched && ofWholeOrder && (contactCustomer ?? state.habits.contactByDefault)) {
    state.mails.push({ to: order.customer.email, orderId, status: newStatus });
  }
  const asked = { orderId, newStatus, orderLineId, workflowItemId, qty, shippingCode, contactCustomer };
  state.statusWrites.push({ ...asked, changed: touched });
}

interface Part {
  readonly orderLineId: string | undefined;
  readonly workflowItemId: string | undefined;
  readonly qty: number | undefined;
}

/** The same object when nothing of it changes. */
function moveLine(line: SiteOrderLine, newStatus: NewStatus, part: Part): SiteOrderLine {
  if (part.orderLineId !== undefined && part.orderLineId !== line.id) return line;
  const sizes = line.sizes.map((size) =>
    part.workflowItemId === undefined || part.workflowItemId === String(size.id)
      ? moveSize(size, newStatus, part.workflowItemId === undefined ? undefined : part.qty)
      : size,
  );
  return sizes.every((size, index) => size === line.sizes[index]) ? line : { ...line, sizes };
}

function moveSize(size: SiteLineSize, newStatus: NewStatus, asked: number | undefined): SiteLineSize {
  const before = newStatus === shipped ? size.shipped : size.produced;
  const qty = asked ?? size.qty - before;
  if (!(qty >= 0) || before + qty > size.qty) throw invalidParameters();
  if (qty === 0) return size;
  const after = before + qty;
  // What is shipped was produced.
  if (newStatus === shipped) return { ...size, shipped: after, produced: Math.max(size.produced, after) };
  return { ...size, produced: after };
}

const matches = (order: SiteOrder, lineId: string | undefined, itemId: string | undefined): boolean =>
  order.lines.some(
    (line) =>
      (lineId === undefined || line.id === lineId) &&
      (itemId === undefined || line.sizes.some(({ id }) => String(id) === itemId)),
  );

function store(state: SiteState, order: SiteOrder, lines: readonly SiteOrderLine[], code: string | undefined): void {
  const sizes = lines.flatMap((line) => line.sizes);
  const isShipped = sizes.every((size) => size.shipped >= size.qty);
  const isProduced = sizes.every((size) => size.produced >= size.qty);
  const at = state.clock.tick();
  storeOrder(state, order.id, {
    lines,
    modifiedAt: at,
    status: isShipped ? shipped : isProduced ? produced : order.status,
    producedAt: isProduced ? (order.producedAt ?? at) : order.producedAt,
    shippedAt: isShipped ? (order.shippedAt ?? at) : order.shippedAt,
    shippingCode: code ?? order.shippingCode,
  });
}
