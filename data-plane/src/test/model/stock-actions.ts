import { type Action, pick, wrong } from './plan.js';
import { type Masters, type State, sizesOf } from './state.js';
import { available, holdersOf, inTurn, mayChange, onHand, put, reserve, reserved, serveWaiting } from './stock.js';

/** A workspace sees its own places and the organization's. */
const sees = (workspace: string | null, of: string | null): boolean =>
  workspace === null || of === null || of === workspace;
const locationOf = (masters: Masters, id: string) => masters.locations.find((location) => location.id === id);

/** Where less is there than was promised, the orders that are served last lose theirs first. Answers what nobody could give up. */
function breakPromises(
  state: State,
  caller: string | null,
  variant: string,
  location: string,
  there: number,
): { excess: number; losers: string[] } {
  let excess = reserved(state, variant, location) - Math.max(there, 0);
  const losers: string[] = [];
  for (const order of inTurn(state.orders).toReversed()) {
    if (!mayChange(caller, order)) continue;
    for (const size of sizesOf(order).toReversed()) {
      const held = size.variant === variant ? (size.promises[location] ?? 0) : 0;
      const lost = Math.min(held, excess);
      if (lost <= 0) continue;
      losers.push(order.id);
      if (held === lost) delete size.promises[location];
      else size.promises[location] = held - lost;
      excess -= lost;
    }
  }
  return { excess: Math.max(excess, 0), losers };
}

const adjust: Action = {
  name: 'adjust',
  weight: 7,
  plan(_state, masters, { pick: die, a, b, c }) {
    const location = pick(masters.locations, die);
    const variant = pick(masters.variants, b);
    if (!location || !variant) return;
    const isCount = a % 2 === 0;
    const quantity = isCount ? (a >> 1) % 40 : ((a >> 1) % 40) - 12;
    const there = (state: State) => (isCount ? quantity : onHand(state, variant.id, location.id) + quantity);
    return {
      text: `${isCount ? 'count' : 'add'} ${quantity} of ${masters.variants.indexOf(variant)} at ${location.code}`,
      url: '/api/erp/stock/adjustments',
      payload: {
        location_id: location.id,
        lines: [{ variant_id: variant.id, ...(isCount ? { counted: `${quantity}` } : { delta: `${quantity}` }) }],
        reason: `Stocktaking ${c}`,
      },
      permission: 'erp.stock.adjust',
      status: 201,
      refuse(state, { workspace }) {
        if (!sees(workspace, location.workspace)) return 'unknown_reference';
        if (there(state) < 0 && !location.allowNegative) return 'stock_short';
        const { excess } = breakPromises(structuredClone(state), workspace, variant.id, location.id, there(state));
        return excess > 0 ? 'stock_reserved' : undefined;
      },
      apply(state, { workspace }) {
        const counted = there(state);
        const { losers } = breakPromises(state, workspace, variant.id, location.id, counted);
        put(state, variant.id, location.id, counted - onHand(state, variant.id, location.id));
        for (const order of inTurn(state.orders)) {
          if (losers.includes(order.id)) reserve(state, masters, order, [variant.id]);
        }
        serveWaiting(state, masters, workspace, [variant.id]);
      },
      verify: (state, body) =>
        wrong(
          'counted',
          [onHand(state, variant.id, location.id), reserved(state, variant.id, location.id)],
          [Number(body.levels[0].on_hand), Number(body.levels[0].reserved)],
        ),
    };
  },
};

const transfer: Action = {
  name: 'transfer',
  weight: 6,
  plan(state, masters, { pick: die, a, b, c }) {
    const from = pick(masters.locations, die);
    const to = pick(masters.locations, die + 1 + (a % (masters.locations.length - 1)));
    const variant = pick(masters.variants, b);
    if (!from || !to || !variant) return;
    const free = Math.max(available(state, variant.id, from.id), 0);
    const quantity = [free, free + 1, 1 + (c % 6), Math.ceil(free / 2)][c % 4] || 1;
    return {
      text: `transfer ${quantity} of ${masters.variants.indexOf(variant)} from ${from.code} to ${to.code}`,
      url: '/api/erp/stock/moves',
      payload: {
        from_location_id: from.id,
        to_location_id: to.id,
        lines: [{ variant_id: variant.id, quantity: `${quantity}` }],
      },
      permission: 'erp.stock.move',
      status: 201,
      refuse(now, { workspace }) {
        const places = [from.id, to.id].map((id) => locationOf(masters, id)?.workspace ?? null);
        if (places.some((of) => !sees(workspace, of))) return 'unknown_reference';
        const missing = quantity - available(now, variant.id, from.id);
        if (missing <= 0) return undefined;
        // Below zero only where nothing is promised.
        return from.allowNegative && holdersOf(now, variant.id, from.id).length === 0 ? undefined : 'stock_short';
      },
      apply(now, { workspace }) {
        put(now, variant.id, from.id, -quantity);
        put(now, variant.id, to.id, quantity);
        serveWaiting(now, masters, workspace, [variant.id]);
      },
      verify: (_now, body) => wrong('entries', from.workspace === to.workspace ? 1 : 2, body.moves.length),
    };
  },
};

/** What is free goes to those who wait for it, whom deliveries of other workspaces passed over. */
const repair: Action = {
  name: 'repair',
  weight: 3,
  plan: (_state, masters) => ({
    text: 'repair the stock',
    url: '/api/erp/stock/check',
    payload: { reason: 'Promises that were passed over' },
    permission: 'erp.stock.repair',
    status: 200,
    refuse: () => undefined,
    apply: (now, { workspace }) =>
      serveWaiting(
        now,
        masters,
        workspace,
        masters.variants.map(({ id }) => id),
      ),
    verify: (_now, body) => wrong('left to repair', null, body.next_cursor),
  }),
};

export const stockActions: readonly Action[] = [adjust, transfer, repair];
