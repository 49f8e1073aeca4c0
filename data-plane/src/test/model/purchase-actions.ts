import type { ErrorCode } from '@platen/schema/errors';
import { nextNumber } from './order-actions.js';
import { type Action, type AnswerBody, cents, type Dice, eur, type Plan, pick, pickAble, wrong } from './plan.js';
import type { Dict, Masters, Purchase, PurchaseStatus, State } from './state.js';
import { put, serveWaiting } from './stock.js';
import type { User } from './world.js';

const find = (state: State, id: string): Purchase => {
  const purchase = state.purchases.find((each) => each.id === id);
  if (!purchase) throw new Error(`The model has no purchase order ${id}`);
  return purchase;
};

const create: Action = {
  name: 'draft purchase',
  weight: 5,
  plan(_state, masters, { pick: die, a, b, c }) {
    const stocked = masters.variants.filter(({ isStocked }) => isStocked);
    const location = pick(masters.locations, die);
    if (!location) return;
    const lines = [0, 1].slice(0, 1 + (a % 2)).map((n) => ({
      variant: pick(stocked, b + n)?.id ?? '',
      quantity: 1 + ((c + n * 7) % 30),
      cost: n === 0 ? masters.cost : 200 + (c % 50),
    }));
    const total = lines.reduce((sum, { quantity, cost }) => sum + quantity * cost, 0);
    return {
      text: `draft purchase ${JSON.stringify(lines.map(({ quantity }) => quantity))} to ${location.code}`,
      url: '/api/erp/purchase-orders',
      payload: {
        supplier_id: masters.supplier,
        location_id: location.id,
        lines: lines.map(({ variant, quantity, cost }) => ({
          variant_id: variant,
          quantity: `${quantity}`,
          ...(cost !== masters.cost && { unit_cost: eur(cost) }),
        })),
      },
      permission: 'erp.purchase_order.write',
      status: 201,
      refuse: (_now, { workspace }) =>
        workspace === null || location.workspace === null || location.workspace === workspace
          ? undefined
          : 'unknown_reference',
      apply(state, { workspace }, body) {
        state.purchases.push({
          id: body.id,
          workspace,
          location: location.id,
          status: 'draft',
          number: null,
          version: 1,
          submittedBy: null,
          approvedBy: null,
          total,
          lines: lines.map(({ variant, quantity, cost }, index) => ({
            id: body.lines[index].id,
            variant,
            ordered: quantity,
            received: 0,
            billed: 0,
            unitCost: cost,
          })),
        });
      },
      verify: (_state, body, { workspace }) =>
        wrong(
          'new purchase',
          [workspace, 'draft', total, 1],
          [body.workspace_id, body.status, cents(body.total), body.version],
        ),
    };
  },
};

interface Move {
  readonly name: string;
  readonly to: PurchaseStatus;
  readonly from: readonly PurchaseStatus[];
  readonly weight: number;
  readonly permission?: Plan['permission'];
  readonly payload?: object;
  refuse?(purchase: Purchase, user: User): ErrorCode | undefined;
  apply?(state: State, purchase: Purchase, user: User): void;
}

const moveAction = ({ name, to, from, weight, permission, payload, refuse, apply }: Move): Action => ({
  name: `${name} purchase`,
  weight,
  plan(state, _masters, dice) {
    const purchase = pickAble(state.purchases, ({ status }) => from.includes(status), dice);
    if (!purchase) return;
    return {
      text: `${name} purchase ${state.purchases.indexOf(purchase)} ${purchase.status}`,
      url: `/api/erp/purchase-orders/${purchase.id}/${name}`,
      ...(payload && { payload }),
      permission: permission ?? (`erp.purchase_order.${name}` as Plan['permission']), // each of the others has its own
      target: purchase,
      status: 200,
      refuse(now, user) {
        const found = find(now, purchase.id);
        return from.includes(found.status) ? refuse?.(found, user) : 'illegal_transition';
      },
      apply(now, user) {
        const found = find(now, purchase.id);
        apply?.(now, found, user);
        found.status = to;
        found.version += 1;
      },
      verify(now, body) {
        const { status, number, version, submittedBy, approvedBy } = find(now, purchase.id);
        const found = [body.status, body.number, body.version, body.submitted_by, body.approved_by];
        return wrong('purchase', [status, number, version, submittedBy, approvedBy], found);
      },
    };
  },
});

const reason = { reason: 'Too dear' };
const moves = [
  moveAction({
    name: 'submit',
    to: 'submitted',
    from: ['draft'],
    weight: 8,
    apply(state, purchase, user) {
      purchase.number ??= nextNumber('P', state.purchases);
      purchase.submittedBy = user.id;
    },
  }),
  moveAction({
    name: 'approve',
    to: 'approved',
    from: ['submitted'],
    weight: 9,
    refuse: ({ submittedBy }, user) =>
      submittedBy === user.id && !user.permissions.has('erp.purchase_order.approve_own') ? 'own_document' : undefined,
    apply(_state, purchase, user) {
      purchase.approvedBy = user.id;
    },
  }),
  moveAction({ name: 'reject', to: 'rejected', from: ['submitted'], weight: 2, payload: reason }),
  moveAction({
    name: 'reopen',
    to: 'draft',
    from: ['rejected'],
    weight: 2,
    permission: 'erp.purchase_order.write',
    apply(_state, purchase) {
      purchase.submittedBy = null;
      purchase.approvedBy = null;
    },
  }),
  moveAction({ name: 'close', to: 'closed', from: ['partially_received', 'received'], weight: 2 }),
  moveAction({
    name: 'cancel',
    to: 'cancelled',
    from: ['draft', 'submitted', 'rejected', 'approved'],
    weight: 1,
    payload: reason,
  }),
];

const receivable: readonly PurchaseStatus[] = ['approved', 'partially_received', 'received'];
const billable: readonly PurchaseStatus[] = [...receivable, 'closed'];

const among = (state: State, statuses: readonly PurchaseStatus[], dice: Dice): Purchase | undefined =>
  pickAble(state.purchases, ({ status }) => statuses.includes(status), dice);

const receive: Action = {
  name: 'receive',
  weight: 16,
  plan(state, masters, dice) {
    const purchase = among(state, receivable, dice);
    if (!purchase) return;
    const { a, b } = dice;
    const lines = purchase.lines.slice(b % 5 === 0 ? 1 : 0).slice(0, b % 3 === 0 ? 1 : 2);
    if (lines.length === 0) return;
    const quantities: Dict<number> = {};
    for (const line of lines) quantities[line.id] = arrivalOf(masters, line, a);
    const elsewhere = b % 7 === 0 ? pick(masters.locations, a) : undefined;
    return {
      text: `receive ${JSON.stringify(Object.values(quantities))} of purchase ${state.purchases.indexOf(purchase)} ${purchase.status}`,
      url: `/api/erp/purchase-orders/${purchase.id}/receipts`,
      payload: {
        lines: lines.map(({ id }) => ({ purchase_order_line_id: id, quantity: `${quantities[id]}` })),
        ...(elsewhere && { location_id: elsewhere.id }),
      },
      permission: 'erp.purchase_order.receive',
      target: purchase,
      status: 201,
      refuse(now, { workspace }) {
        const found = find(now, purchase.id);
        if (!receivable.includes(found.status)) return 'illegal_transition';
        const isOver = found.lines.some((line) => (quantities[line.id] ?? 0) > allowed(masters, line));
        if (isOver) return 'over_receipt';
        const of = (elsewhere ?? masters.locations.find(({ id }) => id === found.location))?.workspace ?? null;
        const isSeen = (by: string | null) => by === null || of === null || of === by;
        return isSeen(workspace) && isSeen(found.workspace) ? undefined : 'unknown_reference';
      },
      apply(now, { workspace }) {
        const found = find(now, purchase.id);
        for (const line of found.lines) {
          const arriving = quantities[line.id] ?? 0;
          line.received += arriving;
          put(now, line.variant, elsewhere?.id ?? found.location, arriving);
        }
        found.status = found.lines.every((line) => line.received >= line.ordered) ? 'received' : 'partially_received';
        found.version += 1;
        serveWaiting(
          now,
          masters,
          workspace,
          lines.map(({ variant }) => variant),
        );
      },
      verify: (now, body) => verifyLines(now, purchase.id, body),
    };
  },
};

const allowed = (masters: Masters, { ordered, received }: Purchase['lines'][number]): number =>
  Math.floor((ordered * (100 + masters.tolerancePercent)) / 100 - received);

/** The rest, a part, the most that is taken, one more than that. */
function arrivalOf(masters: Masters, line: Purchase['lines'][number], die: number): number {
  const rest = Math.max(line.ordered - line.received, 1);
  const most = Math.max(Math.floor((line.ordered * (100 + masters.tolerancePercent)) / 100) - line.received, 1);
  return [rest, Math.ceil(rest / 2), most, most + 1, Math.ceil(rest / 3)][die % 5] ?? rest;
}

const bill: Action = {
  name: 'bill',
  weight: 5,
  plan(state, _masters, dice) {
    const purchase = among(state, billable, dice);
    const [line] = purchase?.lines ?? [];
    if (!purchase || !line) return;
    const { a, b } = dice;
    const quantity = 1 + (a % 30);
    const cost = b % 3 === 0 ? line.unitCost + 5 : line.unitCost;
    const reference = `INV-${a % 40}`;
    return {
      text: `bill ${quantity} of purchase ${state.purchases.indexOf(purchase)} as ${reference}`,
      url: `/api/erp/purchase-orders/${purchase.id}/bills`,
      payload: {
        reference,
        lines: [
          {
            purchase_order_line_id: line.id,
            quantity: `${quantity}`,
            ...(cost !== line.unitCost && { unit_cost: eur(cost) }),
          },
        ],
      },
      permission: 'erp.purchase_order.bill',
      target: purchase,
      status: 201,
      refuse(now) {
        if (!billable.includes(find(now, purchase.id).status)) return 'illegal_transition';
        return now.bills.includes(reference) ? 'duplicate' : undefined;
      },
      apply(now) {
        const found = find(now, purchase.id);
        const [billed] = found.lines;
        if (billed) billed.billed += quantity;
        found.version += 1;
        now.bills.push(reference);
      },
      verify: (now, body) =>
        wrong('billed', quantity * cost, cents(body.bill.total)) ?? verifyLines(now, purchase.id, body),
    };
  },
};

function verifyLines(state: State, id: string, { purchase_order: found }: AnswerBody): string | undefined {
  const { status, version, lines } = find(state, id);
  return wrong(
    'purchase',
    [status, version, ...lines.map((line) => [line.received, line.billed])],
    [
      found.status,
      found.version,
      ...found.lines.map((line: Dict<string>) => [Number(line['received_quantity']), Number(line['billed_quantity'])]),
    ],
  );
}

export const purchaseActions: readonly Action[] = [create, ...moves, receive, bill];
