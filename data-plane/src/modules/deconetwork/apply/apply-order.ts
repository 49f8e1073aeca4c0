import { AppError } from '@platen/chassis/http/app-error';
import type { DnOrderRecord } from '@platen/schema/contracts/internal/deconetwork';
import type { OrderStatus } from '@platen/schema/states/order';
import { dateIn, type FindOrganization, organizationOf } from '../../documents/index.js';
import {
  type ImportedOrder,
  insertImportedOrder,
  lockOrderState,
  type MoveSteps,
  type OrderState,
  settlePaid,
  updateImportedOrder,
} from '../../orders/index.js';
import { applyCustomer, wantedCustomer } from './apply-customer.js';
import type { Told, Work } from './call.js';
import { wantedOfLines } from './line-products.js';
import { makeLineProducts } from './make-line-products.js';
import { bookKey, type MapBook, type MapRow, noteApplied, putMap } from './maps-repo.js';
import { conflictError, type Fields, mergeFields } from './merge.js';
import { faultOf, hasPassed, heldBy, wayTo } from './order-faults.js';
import { type ProjectedOrder, projectOrder } from './project-order.js';
import { isMapped, meetAll, review, type Wanted, waitsFor } from './refs.js';

export type OrderWork = Work<DnOrderRecord>;
export interface OrderDeps {
  readonly findOrganization: FindOrganization;
  readonly steps: MoveSteps;
}

export const wantedStatus = (status: string): Wanted => ({
  kind: 'status',
  dnId: status,
  label: `Order status ${status}`,
  detail: {},
});
const wantedOrder = (record: DnOrderRecord): Wanted => ({
  kind: 'order',
  dnId: record.dn_id,
  label: [record.dn_id, record.job_name, record.customer.name].filter((text) => text).join(', '),
  detail: {},
});

/** What an order names, its own map among it. */
export const wantedByOrder = (record: DnOrderRecord): Wanted[] => [
  wantedOrder(record),
  wantedCustomer(record.customer),
  wantedStatus(record.status),
  ...wantedOfLines(record),
];

/** Lines, amounts and currency are one: an order with somebody else's total would be nobody's. */
export const orderGroups = [['currency', 'subtotal', 'discount', 'charges', 'tax', 'total', 'lines']] as const;
export const orderFields = ({
  customer_id,
  currency,
  subtotal,
  discount,
  charges,
  tax,
  total,
  due_on,
  status,
  paid,
  lines,
}: ImportedOrder): Fields => ({
  customer_id,
  currency,
  subtotal,
  discount,
  charges,
  tax,
  total,
  due_on,
  status,
  paid,
  lines,
});

/** An order of the site: made here with what it is, or brought up to date. `number`: what it is called here; null: an order of ours has its number. */
export async function applyOrder(
  deps: OrderDeps,
  work: OrderWork,
  own: MapRow | undefined,
  book: MapBook,
  number: string | null,
): Promise<Told> {
  const { record, connection } = work;
  if (number === null && !isMapped(own)) {
    await meetAll(work, book, [wantedOrder(record)]);
    return waitsFor(work, book, [wantedOrder(record)]);
  }
  const wanted = wantedByOrder(record).filter(({ kind }) => kind !== 'order');
  await meetAll(work, book, wanted);
  await applyCustomer(work, book, record.customer);
  const { settings } = organizationOf(deps.findOrganization, work.ctx);
  wanted.push(...(await makeLineProducts(work, book, settings.currency)));
  if (!wanted.every(({ kind, dnId }) => isMapped(book.get(bookKey(kind, dnId))))) return waitsFor(work, book, wanted);
  const status = book.get(bookKey('status', record.status))?.local_code;
  const customerId = book.get(bookKey('customer', record.customer.dn_id))?.local_id;
  if (!status || !customerId) return waitsFor(work, book, wanted);
  const projected = projectOrder(record, book, { customerId, status, currency: connection.currency });
  if ('code' in projected) return review(projected.code, projected.message, { mapId: own?.id ?? null });
  return isMapped(own)
    ? updateOrder(deps, work, own, projected)
    : createOrder(deps, work, own, projected, number ?? record.dn_id);
}

/** The day of the payments that the site has told no day of. */
function paymentOf({ findOrganization }: OrderDeps, { ctx, record }: OrderWork) {
  const { settings } = organizationOf(findOrganization, ctx);
  const at = record.ordered_at === null ? ctx.now() : new Date(record.ordered_at);
  return { reference: `DecoNetwork ${record.dn_id}`, receivedOn: dateIn(settings.time_zone, at) };
}

async function createOrder(
  deps: OrderDeps,
  work: OrderWork,
  own: MapRow | undefined,
  { order, leftOut }: ProjectedOrder,
  number: string,
): Promise<Told> {
  const { tx, ctx, connection, record } = work;
  const id = ctx.newId();
  const mapId = own?.id ?? ctx.newId();
  const after = orderFields(order);
  const identity = { id, workspaceId: connection.workspace_id, number, ...paymentOf(deps, work) };
  await insertImportedOrder(tx, ctx, identity, order);
  putMap(tx, ctx, connection, {
    ...wantedOrder(record),
    id: mapId,
    localId: id,
    hash: work.hash,
    modifiedAt: record.modified_at,
    base: after,
    createdByJobId: work.call.jobId,
  });
  return { outcome: 'created', mapId, localId: id, localVersion: 1, before: null, after, error: noteOf(leftOut) };
}

/** Said beside what was done: it is in the site's record, and nowhere here. */
const noteOf = (leftOut: readonly string[]) =>
  leftOut.length === 0
    ? null
    : { code: 'left_out', message: `Decorations that are none here: ${leftOut.join(', ')}`.slice(0, 500) };

/** What we told the site ourselves is no news when it comes back. */
function baseOf({ base, written }: MapRow, theirs: ImportedOrder): Fields | null {
  return base !== null && written?.['status'] === theirs.status ? { ...base, status: theirs.status } : base;
}

/** Every field is the projection's or the order's own: both are an order's. */
const asOrder = (fields: Fields) => fields as unknown as ImportedOrder;

async function updateOrder(
  deps: OrderDeps,
  work: OrderWork,
  map: MapRow,
  { order: theirs, leftOut }: ProjectedOrder,
): Promise<Told> {
  const { tx, connection, record } = work;
  const id = map.local_id ?? '';
  const state = await lockOrderState(tx, id);
  if (!state) return review('not_found', 'The order that it is mapped to is not there', { mapId: map.id });
  const ours = orderFields(state);
  const base = baseOf(map, theirs);
  const isPast = hasPassed(base, theirs, state);
  const sides = { base, theirs: orderFields(isPast ? { ...theirs, status: state.status } : theirs), ours };
  const whole = mergeFields(sides, connection.conflict_rule, orderGroups);
  // What cannot be done here waits, and keeps nothing else from being done.
  const held = heldBy(state, asOrder(whole.result), whole.changed);
  const merged =
    held.length === 0
      ? whole
      : mergeFields(sides, connection.conflict_rule, orderGroups, new Set(held.map(({ field }) => field)));
  const known = { mapId: map.id, localId: id, before: ours, loser: merged.loser };
  const next = asOrder(merged.result);
  const fault = faultOf(state, next, merged.changed);
  if (fault) return review(fault.code, fault.message, { ...known, after: merged.result });
  await writeOrder(deps, work, { id, state, next, changed: merged.changed });
  const waits = merged.waiting.length > 0;
  noteApplied(tx, map.id, {
    hash: waits ? null : work.hash,
    modifiedAt: record.modified_at,
    base: isPast ? { ...merged.base, status: theirs.status } : merged.base,
  });
  if (merged.changed.length === 0 && merged.conflicts.length === 0) return null;
  const after = merged.changed.length === 0 ? state : await lockOrderState(tx, id);
  return {
    ...known,
    outcome: waits ? 'review' : 'updated',
    localVersion: after?.version ?? state.version,
    after: merged.result,
    error: waits ? (held[0]?.error ?? conflictError(merged.conflicts)) : noteOf(leftOut),
  };
}

export interface OrderChange {
  readonly id: string;
  readonly state: OrderState;
  readonly next: ImportedOrder;
  readonly changed: readonly string[];
}

/** Amounts and lines before payments, payments before moves: each is held against what the ones before left. */
export async function writeOrder(deps: OrderDeps, work: OrderWork, change: OrderChange): Promise<void> {
  await writeOrderFields(deps, work.tx, work.ctx, change, paymentOf(deps, work));
}

export async function writeOrderFields(
  deps: OrderDeps,
  tx: OrderWork['tx'],
  ctx: OrderWork['ctx'],
  { id, state, next, changed }: OrderChange,
  payment: { readonly reference: string; readonly receivedOn: string },
): Promise<void> {
  if (changed.some((name) => name !== 'paid' && name !== 'status')) {
    await updateImportedOrder(tx, ctx, id, state, next, changed.includes('lines'));
  }
  const pays = changed.includes('paid') && next.status !== 'draft';
  // A draft takes no payments: it is confirmed first.
  const isFirst = state.status !== 'draft';
  if (pays && isFirst) await settlePaid(tx, ctx, { id, total: next.total, ...payment }, next.paid);
  if (changed.includes('status')) await moveAlong(deps.steps, tx, ctx, id, state.status, next.status);
  if (pays && !isFirst) await settlePaid(tx, ctx, { id, total: next.total, ...payment }, next.paid);
}

async function moveAlong(
  steps: MoveSteps,
  tx: OrderWork['tx'],
  ctx: OrderWork['ctx'],
  id: string,
  from: OrderStatus,
  to: OrderStatus,
): Promise<void> {
  // The site has it made or shipped already: what is short here is short.
  const short = { allow_short: true };
  for (const next of wayTo(from, to) ?? []) {
    if (next === 'confirmed') await steps.confirm(tx, ctx, id);
    else if (next === 'in_production') await steps.start(tx, ctx, id, short);
    else if (next === 'ready') await steps.ready(tx, ctx, id, short);
    else if (next === 'shipped') await steps.ship(tx, ctx, id);
    else if (next === 'completed') await steps.complete(tx, ctx, id);
    else if (next === 'cancelled') await steps.cancel(tx, ctx, id, { reason: 'Cancelled at the DecoNetwork site' });
    else throw new AppError('illegal_transition', `No order becomes a ${next} again`);
  }
}
