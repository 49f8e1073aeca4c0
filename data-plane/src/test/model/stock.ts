import { type Location, levelKey, type Masters, type Order, type Size, type State, sizesOf, sum } from './state.js';

/** What the shop's stock does, in the plainest words there are. */

export const onHand = (state: State, variant: string, location: string): number =>
  state.levels[levelKey(variant, location)] ?? 0;

export function put(state: State, variant: string, location: string, quantity: number): void {
  if (quantity === 0) return;
  state.levels[levelKey(variant, location)] = onHand(state, variant, location) + quantity;
}

/** Orders and their sizes that something of this level is promised to. */
export const holdersOf = (state: State, variant: string, location: string): { order: Order; size: Size }[] =>
  state.orders.flatMap((order) =>
    sizesOf(order).flatMap((size) =>
      size.variant === variant && (size.promises[location] ?? 0) > 0 ? [{ order, size }] : [],
    ),
  );

export const reserved = (state: State, variant: string, location: string): number =>
  sum(holdersOf(state, variant, location).map(({ size }) => size.promises[location] ?? 0));

export const available = (state: State, variant: string, location: string): number =>
  onHand(state, variant, location) - reserved(state, variant, location);

export const reservedOf = (size: Size): number => sum(Object.values(size.promises));
export const shortOf = (size: Size): number => size.open - reservedOf(size);

/** An order takes from its workspace's locations and from the organization's. */
export const sourcesOf = (masters: Masters, order: Pick<Order, 'workspace'>): Location[] =>
  masters.locations.filter(({ workspace }) => workspace === null || workspace === order.workspace);

/** Promises what is there to one order; of these variants only, if they are named. */
export function reserve(state: State, masters: Masters, order: Order, variants?: readonly string[]): void {
  for (const size of sizesOf(order)) {
    if (variants && !variants.includes(size.variant)) continue;
    for (const { id } of sourcesOf(masters, order)) {
      const more = Math.min(shortOf(size), available(state, size.variant, id));
      if (more > 0) size.promises[id] = (size.promises[id] ?? 0) + more;
    }
  }
}

/** The earliest due first, then the oldest. */
export const inTurn = (orders: readonly Order[]): Order[] =>
  orders
    .map((order, made) => ({ order, made }))
    .sort((a, b) => {
      const [due, other] = [a.order.due ?? '9999', b.order.due ?? '9999'];
      return due === other ? a.made - b.made : due < other ? -1 : 1;
    })
    .map(({ order }) => order);

export const mayChange = (workspace: string | null, of: { readonly workspace: string | null }): boolean =>
  workspace === null || of.workspace === workspace;

/** What came in is promised to who waits for it, as far as the caller may change their orders. */
export function serveWaiting(state: State, masters: Masters, caller: string | null, variants: readonly string[]): void {
  for (const order of inTurn(state.orders)) {
    if (!mayChange(caller, order) || !['confirmed', 'in_production'].includes(order.status)) continue;
    reserve(state, masters, order, variants);
  }
}

/** What is promised goes into production. */
export function consume(state: State, order: Order): void {
  for (const size of sizesOf(order)) {
    for (const [location, quantity] of Object.entries(size.promises)) {
      takeIntoProduction(state, order, size.variant, location, quantity);
      size.open -= quantity;
    }
    size.promises = {};
  }
}

export function takeIntoProduction(
  state: State,
  order: Order,
  variant: string,
  location: string,
  quantity: number,
): void {
  if (quantity === 0) return;
  put(state, variant, location, -quantity);
  order.inProduction[variant] = (order.inProduction[variant] ?? 0) + quantity;
  const taken = order.taken[variant] ?? {};
  order.taken[variant] = { ...taken, [location]: (taken[location] ?? 0) + quantity };
}

/** What production holds leaves it. What was spoilt of blanks that were never booked is owed no more. */
export function leaveProduction(order: Order): void {
  for (const variant of Object.keys(order.inProduction)) order.inProduction[variant] = 0;
}

export function closeNeeds(order: Order): void {
  for (const size of sizesOf(order)) {
    size.open = 0;
    size.promises = {};
  }
}

/** To where it was taken from, no more to each than it gave; which comes first is told by the ids. */
export function giveBack(state: State, order: Order): void {
  for (const [variant, quantity] of Object.entries(order.inProduction)) {
    let left = Math.max(quantity, 0);
    for (const [location, taken] of Object.entries(order.taken[variant] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const returned = Math.min(left, taken);
      put(state, variant, location, returned);
      left -= returned;
    }
    if (left !== 0) throw new Error('The model gave back more than was taken');
  }
  leaveProduction(order);
}
