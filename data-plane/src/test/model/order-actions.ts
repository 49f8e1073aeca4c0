import type { ErrorCode } from '@platen/schema/errors';
import { leaveBoard, openPieces, workedPieces } from './jobs.js';
import { type Action, cents, type Dice, eur, type Plan, pick, pickAble, wrong } from './plan.js';
import { type Dict, type Masters, type Order, type OrderStatus, type State, sizesOf, sum } from './state.js';
import { closeNeeds, consume, giveBack, leaveProduction, reserve, serveWaiting, shortOf } from './stock.js';
import { timeZone } from './world.js';

/** Of the shop, wherever the test runs. */
const yearOf = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric' });
const numbered = (prefix: string, count: number) =>
  `${prefix}-${yearOf.format(Date.now())}-${String(count).padStart(5, '0')}`;
export const nextNumber = (prefix: string, documents: readonly { readonly number: string | null }[]): string =>
  numbered(prefix, documents.filter(({ number }) => number !== null).length + 1);

const targetOf = ({ id, workspace, version }: Order) => ({ id, workspace, version });
const find = (state: State, id: string): Order => {
  const order = state.orders.find((each) => each.id === id);
  if (!order) throw new Error(`The model has no order ${id}`);
  return order;
};

/** By status: where an order may go from there. */
const moves: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  draft: ['confirmed', 'cancelled'],
  confirmed: ['in_production', 'cancelled'],
  in_production: ['ready', 'cancelled'],
  ready: ['shipped', 'cancelled'],
  shipped: ['completed'],
  completed: [],
  cancelled: [],
};

export function paymentStatusOf({ paid, refunds, total }: Pick<Order, 'paid' | 'refunds' | 'total'>) {
  if (paid === 0 && refunds > 0) return 'refunded';
  if (paid === total) return 'paid';
  return paid === 0 ? 'unpaid' : 'partial';
}

interface Move {
  readonly name: string;
  readonly to: OrderStatus;
  readonly weight: number;
  payload?(dice: Dice): Dict<unknown>;
  refuse?(state: State, masters: Masters, order: Order, payload: Dict<unknown>): ErrorCode | undefined;
  apply?(state: State, masters: Masters, order: Order, payload: Dict<unknown>, caller: string | null): void;
}

const moveAction = ({ name, to, weight, payload: bodyOf, refuse, apply }: Move): Action => ({
  name,
  weight,
  plan(state, masters, dice) {
    const order = pickAble(state.orders, ({ status }) => moves[status].includes(to), dice);
    if (!order) return;
    const payload = bodyOf?.(dice);
    return {
      text: `${name} order ${state.orders.indexOf(order)} ${order.status} ${JSON.stringify(payload ?? '')}`,
      url: `/api/erp/orders/${order.id}/${name}`,
      ...(payload && { payload }),
      permission: `erp.order.${name}` as Plan['permission'], // each move has its own
      target: targetOf(order),
      status: 200,
      refuse(now) {
        const found = find(now, order.id);
        if (!moves[found.status].includes(to)) return 'illegal_transition';
        return refuse?.(structuredClone(now), masters, structuredClone(found), payload ?? {});
      },
      apply(now, user) {
        const found = find(now, order.id);
        apply?.(now, masters, found, payload ?? {}, user.workspace);
        found.status = to;
        found.version += 1;
      },
      verify(now, body) {
        const { status, number, paymentStatus, version } = find(now, order.id);
        const { status: s, number: n, payment_status: p, version: v } = body;
        return wrong('order', [status, number, paymentStatus, version], [s, n, p, v]);
      },
    };
  },
});

const isShort = (order: Order): boolean => sizesOf(order).some((size) => shortOf(size) > 0);
const shortPayload = ({ a }: Dice): Dict<unknown> => (a % 3 === 0 ? { allow_short: true } : {});

/** What the order could have, if it took what is free now. */
function wouldBeShort(state: State, masters: Masters, id: string): boolean {
  const order = find(state, id);
  reserve(state, masters, order);
  return isShort(order);
}

const orderMoves = [
  moveAction({
    name: 'confirm',
    to: 'confirmed',
    weight: 12,
    apply(state, masters, order) {
      for (const size of sizesOf(order)) {
        const isStocked = masters.variants.find(({ id }) => id === size.variant)?.isStocked;
        size.open = isStocked ? size.quantity : 0;
      }
      reserve(state, masters, order);
      order.number = nextNumber('O', state.orders);
      order.paymentStatus = paymentStatusOf(order);
    },
  }),
  moveAction({
    name: 'start',
    to: 'in_production',
    weight: 14,
    payload: shortPayload,
    refuse(state, masters, order, { allow_short }) {
      if (order.deposit !== null && order.paid < order.deposit) return 'deposit_unpaid';
      return !allow_short && wouldBeShort(state, masters, order.id) ? 'stock_short' : undefined;
    },
    apply(state, masters, order) {
      reserve(state, masters, order);
      consume(state, order);
    },
  }),
  moveAction({
    name: 'ready',
    to: 'ready',
    weight: 10,
    payload: shortPayload,
    refuse(state, masters, order, { allow_short }) {
      if (allow_short) return undefined;
      if (openPieces(state, order) > 0) return 'pieces_open';
      return wouldBeShort(state, masters, order.id) ? 'stock_short' : undefined;
    },
    apply(state, masters, order) {
      leaveBoard(state, order, 'done');
      reserve(state, masters, order);
      consume(state, order);
      closeNeeds(order);
    },
  }),
  moveAction({
    name: 'ship',
    to: 'shipped',
    weight: 6,
    apply: (_state, _masters, order) => leaveProduction(order),
  }),
  moveAction({ name: 'complete', to: 'completed', weight: 3 }),
  moveAction({
    name: 'cancel',
    to: 'cancelled',
    weight: 3,
    payload: ({ a }) => ({
      reason: 'The event is off',
      ...(a % 3 !== 0 && { consumed: a % 3 === 1 ? 'return' : 'write_off' }),
    }),
    refuse: (state, _masters, order, { consumed }) =>
      consumed === undefined && workedPieces(state, order) > 0 ? 'disposition_required' : undefined,
    apply(state, masters, order, { consumed }, caller) {
      leaveBoard(state, order, 'cancelled');
      const variants = [...new Set([...sizesOf(order).map(({ variant }) => variant)])];
      closeNeeds(order);
      const wasDraft = order.status === 'draft';
      // From here on it waits for nothing.
      order.status = 'cancelled';
      if (consumed === 'write_off') leaveProduction(order);
      else giveBack(state, order);
      if (!wasDraft) serveWaiting(state, masters, caller, variants);
    },
  }),
];

const create: Action = {
  name: 'create order',
  weight: 8,
  plan(_state, masters, { pick: die, a, b, c }) {
    const lines = [die, a].slice(0, 1 + (b % 2)).map((each, index) => {
      const product = pick(masters.products, each + index);
      const sizes = (product?.variants ?? []).slice(0, 1 + (each % 2)).map((variant_id, n) => ({
        variant_id,
        quantity: 1 + ((each >> 3) % 12) + n,
      }));
      const design_id = c % 3 === 0 ? null : (pick(masters.designs, c)?.id ?? null);
      return { product_id: product?.id ?? '', sizes, design_id };
    });
    const priceOf = (id: string) => masters.variants.find((variant) => variant.id === id)?.price ?? 0;
    const totals = lines.map(({ sizes }) => sum(sizes.map((size) => priceOf(size.variant_id) * size.quantity)));
    const subtotal = sum(totals);
    // Half up, of each line.
    const tax = sum(totals.map((total) => Math.floor((total * 19 + 50) / 100)));
    const total = subtotal + tax;
    const deposit = c % 4 === 1 ? Math.floor((total * (1 + (a % 10))) / 10) : null;
    const due = b % 3 === 0 ? null : `2031-0${1 + (b % 9)}-01`;
    return {
      text: `create order ${JSON.stringify(lines.map(({ sizes }) => sizes.map(({ quantity }) => quantity)))} due ${due}`,
      url: '/api/erp/orders',
      payload: {
        customer_id: masters.customer,
        lines,
        due_on: due,
        ...(deposit !== null && { deposit_due: eur(deposit) }),
      },
      permission: 'erp.order.write',
      status: 201,
      refuse: () => undefined,
      apply(state, user, body) {
        state.orders.push({
          id: body.id,
          workspace: user.workspace,
          status: 'draft',
          paymentStatus: 'unpaid',
          number: null,
          version: 1,
          subtotal,
          tax,
          total,
          deposit,
          due,
          paid: 0,
          refunds: 0,
          inProduction: {},
          taken: {},
          lines: lines.map((line, index) => ({
            id: body.lines[index].id,
            position: index + 1,
            product: line.product_id,
            designs: line.design_id === null ? [] : [line.design_id],
            sizes: line.sizes.map(({ variant_id, quantity }) => ({
              id: '',
              variant: variant_id,
              quantity,
              open: 0,
              promises: {},
            })),
          })),
        });
      },
      verify: (_state, body, user) =>
        wrong(
          'new order',
          [user.workspace, 'draft', null, subtotal, tax, total],
          [body.workspace_id, body.status, body.number, cents(body.subtotal), cents(body.tax), cents(body.total)],
        ),
    };
  },
};

const paymentStates: readonly OrderStatus[] = ['confirmed', 'in_production', 'ready', 'shipped', 'completed'];

const pay: Action = {
  name: 'pay',
  weight: 14,
  plan(state, _masters, dice) {
    const { a, b, c } = dice;
    const kind = (c >> 3) % 4 === 0 ? 'refund' : 'payment';
    const isAble = ({ status, paid, total }: Order) =>
      kind === 'refund' ? paid > 0 : paymentStates.includes(status) && paid < total;
    const order = pickAble(state.orders, isAble, dice);
    if (!order) return;
    const currency = c % 25 === 7 ? 'USD' : 'EUR';
    const amount = amountOf(order, a, b);
    return {
      text: `${kind} of ${amount} ${currency} for order ${state.orders.indexOf(order)}`,
      url: `/api/erp/orders/${order.id}/payments`,
      payload: { kind, method: 'card', amount: { ...eur(amount), currency } },
      permission: 'erp.order_payment.write',
      target: targetOf(order),
      status: 201,
      refuse(now) {
        const { status, paid, total } = find(now, order.id);
        const takes = kind === 'refund' ? [...paymentStates, 'cancelled'] : paymentStates;
        if (!takes.includes(status)) return 'illegal_transition';
        if (currency !== 'EUR') return 'currency_mismatch';
        if (amount <= 0) return 'amount_out_of_range';
        if (kind === 'refund') return amount > paid ? 'refund_exceeds_paid' : undefined;
        return paid + amount > total ? 'payment_exceeds_balance' : undefined;
      },
      apply(now) {
        const found = find(now, order.id);
        found.paid += kind === 'refund' ? -amount : amount;
        if (kind === 'refund') found.refunds += 1;
        found.paymentStatus = paymentStatusOf(found);
        found.version += 1;
      },
      verify(now, body) {
        const { paymentStatus, version, status } = find(now, order.id);
        const { payment_status, version: v, status: s } = body.order;
        return wrong('paid order', [paymentStatus, version, status], [payment_status, v, s]);
      },
    };
  },
};

/** Often exactly what is due or was paid, sometimes a cent more, sometimes a part. */
function amountOf({ total, paid }: Order, a: number, b: number): number {
  const kinds = [total - paid, total - paid + 1, paid, paid + 1, Math.floor(((total - paid) * (1 + (b % 9))) / 10), 0];
  return Math.max(kinds[a % kinds.length] ?? 0, 0);
}

/** Another day changes who is served first, so only drafts take one. */
const redate: Action = {
  name: 'redate order',
  weight: 2,
  plan(state, _masters, dice) {
    const order = pickAble(state.orders, ({ status }) => status === 'draft', dice);
    if (!order) return;
    const due = dice.a % 4 === 0 ? null : `2031-0${1 + (dice.a % 9)}-02`;
    return {
      text: `redate order ${state.orders.indexOf(order)} ${order.status} to ${due}`,
      method: 'PATCH',
      url: `/api/erp/orders/${order.id}`,
      payload: { due_on: due },
      permission: 'erp.order.write',
      target: targetOf(order),
      status: 200,
      refuse: (now) => (find(now, order.id).status === 'draft' ? undefined : 'illegal_transition'),
      apply(now, _user, body) {
        const found = find(now, order.id);
        found.due = due;
        // Its lines are written anew.
        for (const [index, line] of found.lines.entries()) line.id = body.lines[index].id;
        found.version += 1;
      },
      verify(now, body) {
        const { version, total } = find(now, order.id);
        return wrong('redated', [due, version, total], [body.due_on, body.version, cents(body.total)]);
      },
    };
  },
};

export const orderActions: readonly Action[] = [create, redate, ...orderMoves, pay];
