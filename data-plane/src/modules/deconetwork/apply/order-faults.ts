import { canMove } from '@platen/schema/states/machine';
import { type OrderStatus, orderMachine } from '@platen/schema/states/order';
import { noWay } from '../../documents/index.js';
import type { ImportedOrder, OrderState } from '../../orders/index.js';
import { compare, parseExact } from '../../pricing/index.js';
import type { Fields } from './merge.js';

const way: readonly OrderStatus[] = ['draft', 'confirmed', 'in_production', 'ready', 'shipped', 'completed'];
const placeOf = (status: unknown): number => way.findIndex((each) => each === status);

/** The states to go through, the last included; null: there is no way. */
export function wayTo(from: OrderStatus, to: OrderStatus): readonly OrderStatus[] | null {
  if (to === 'cancelled') return canMove(orderMachine, from, to) ? [to] : null;
  const [start, end] = [placeOf(from), placeOf(to)];
  return start < 0 || end <= start ? null : way.slice(start + 1, end + 1);
}

/** Where an order has gone on here from what the site says of it now, both are right. */
export function hasPassed(base: Fields | null, theirs: ImportedOrder, ours: OrderState): boolean {
  const was = placeOf(base?.['status']);
  const is = placeOf(theirs.status);
  return was >= 0 && was <= is && is < placeOf(ours.status);
}

interface Fault {
  readonly code: string;
  readonly message: string;
}
interface Held {
  readonly field: string;
  readonly error: Fault;
}

/** What of a change cannot be made here, and why. */
export function heldBy(state: OrderState, next: ImportedOrder, changed: readonly string[]): readonly Held[] {
  const held: Held[] = [];
  if (changed.includes('lines') && state.is_in_production) {
    const message = 'Its lines are in production here: what has changed is for a person to see';
    held.push({ field: 'lines', error: { code: 'in_production', message } });
  }
  if (changed.includes('status') && wayTo(state.status, next.status) === null) {
    held.push({ field: 'status', error: { code: 'illegal_transition', message: noWay(state.status, next.status) } });
  }
  return held;
}

/** Why a change cannot be made, be it for a part of it. */
export function faultOf(state: OrderState, next: ImportedOrder, changed: readonly string[]): Fault | null {
  const [held] = heldBy(state, next, changed);
  if (held) return held.error;
  if (compare(parseExact(next.paid), parseExact(next.total)) <= 0) return null;
  return { code: 'amounts_differ', message: `${next.paid} was paid of a total of ${next.total}` };
}
