import { makeOrder } from './make-order.js';
import type { SiteState } from './state.js';
import type { OrderPatch, SiteOrder } from './truth.js';

/** As a person at the site would: `modifiedAt` is the site's clock, a second on, unless the patch says another. */
export function changeOrder(state: SiteState, id: string, patch: OrderPatch): SiteOrder {
  return storeOrder(state, id, { modifiedAt: state.clock.tick(), ...patch });
}

export function storeOrder(state: SiteState, id: string, patch: OrderPatch): SiteOrder {
  const order = state.orders.get(id);
  if (order === undefined) throw new RangeError(`The site has no order ${id}`);
  const changed = { ...order, ...patch };
  state.orders.set(id, changed);
  return changed;
}

/** The next order of the site, of now; its amounts add up when the patch leaves them alone. */
export function addOrder(state: SiteState, patch: OrderPatch = {}): SiteOrder {
  const nowMs = Date.parse(state.clock.tick());
  state.orderPlaces += 1;
  const order = { ...makeOrder(state.world, state.orderPlaces, { orderedAtMs: nowMs, nowMs }), ...patch };
  state.orders.set(order.id, order);
  return order;
}

/** Gone from the site, as an order that was deleted there. */
export function removeOrder(state: SiteState, id: string): void {
  if (!state.orders.delete(id)) throw new RangeError(`The site has no order ${id}`);
}

/** Before each n-th page of orders: what was read moves, what was not read moves over it. */
export function driftOrders(state: SiteState): void {
  state.orderPages += 1;
  const { drift } = state.habits;
  // The first page is before any drift: there is nothing to move away from.
  if (drift === null || state.orderPages === 1 || state.orderPages % drift.everyPages !== 0) return;
  const { random } = state.world;
  const ids = [...state.orders.keys()];
  const changed = Array.from({ length: Math.min(drift.changed, ids.length) }, () => random.pick(ids));
  const modifiedAt = state.clock.tick();
  // All in the same second: a reader that asks for what is later than the last it saw misses some.
  for (const id of changed) storeOrder(state, id, { modifiedAt, jobName: `Changed at ${modifiedAt}` });
  const added = Array.from({ length: drift.added }, () => addOrder(state).id);
  state.drifts.push({ changed, added });
}
