import type { PurchaseOrderStatus } from '@platen/schema/states/purchase-order';
import { formatExact, parseExact } from '../../modules/pricing/index.js';
import { type Random, seedId } from '../random.js';
import { dayMs, type Maker } from './plan.js';
import { type PurchaseStory, purchaseStories } from './purchase-plans.js';
import type { Sourcing } from './sourcing.js';
import type { Stockroom } from './stockroom.js';

export interface Purchase {
  readonly id: string;
  readonly story: PurchaseStory;
  readonly createdAt: Date;
  readonly lines: readonly PurchaseLine[];
}
export interface PurchaseLine {
  readonly id: string;
  readonly variantId: string;
  readonly supplierSku: string;
  readonly costCents: number;
  readonly leadDays: number;
  readonly ordered: number;
  received: number;
  billed: number;
}

/** Something that happens in the shop at its time. */
export interface ShopEvent {
  readonly at: Date;
  readonly run: () => void;
}

export interface PurchaseInput {
  readonly maker: Maker;
  readonly sourcing: Sourcing;
  readonly room: Stockroom;
  readonly now: Date;
  readonly random: Random;
  /** Ids of the orders that are confirmed at this time, the earliest due first. */
  readonly openOrders: (at: Date) => readonly string[];
}

const dozens = (pieces: number): number => Math.ceil(pieces / 12) * 12;
const daysBefore = (now: Date, days: number): Date => new Date(now.getTime() - Math.round(days * dayMs));
export const receiptId = (purchase: Purchase) => (at: Date) => seedId(`${purchase.id}/receipt`, at.getTime());

/** What was ordered of suppliers, as events of the shop; `purchases` is filled while they run. */
export function purchaseEvents(input: PurchaseInput, purchases: Purchase[]): ShopEvent[] {
  const { now } = input;
  return purchaseStories.flatMap((story): ShopEvent[] => {
    let purchase: Purchase | undefined;
    // A draft was begun this morning; what was submitted was written an hour before.
    const createdAt = new Date(daysBefore(now, story.submitted ?? 0.1).getTime() - dayMs / 24);
    const { received } = story;
    const order: ShopEvent = {
      at: createdAt,
      run: () => {
        purchase = orderFrom(input, story, createdAt, purchases);
        if (purchase) purchases.push(purchase);
      },
    };
    if (!received) return [order];
    const at = daysBefore(now, received.daysAgo);
    return [order, { at, run: () => purchase && receive(input, purchase, at) }];
  });
}

function orderFrom(
  { maker, sourcing, room, random, openOrders }: PurchaseInput,
  story: PurchaseStory,
  createdAt: Date,
  before: readonly Purchase[],
): Purchase | undefined {
  const id = seedId(`${maker.name}/purchase/${story.key}`, createdAt.getTime());
  const wanted = new Map<string, number>();
  if (story.lines === 'short') {
    for (const { variantId, quantity } of openOrders(createdAt).flatMap((orderId) => room.sheet.shortages(orderId))) {
      wanted.set(variantId, (wanted.get(variantId) ?? 0) + Number(formatExact(quantity)));
    }
    for (const line of before.filter(isAwaited).flatMap(({ lines }) => lines)) wanted.delete(line.variantId);
  } else {
    const variantIds = [...sourcing.offers.keys()];
    const sold = Array.from({ length: 8 * suppliersOf(sourcing) }, () => random.between(0, variantIds.length - 1));
    for (const index of sold) wanted.set(variantIds[index] ?? '', random.between(1, 4) * 12);
  }
  const lines = [...wanted].flatMap(([variantId, pieces]): PurchaseLine[] => {
    const [offer] = sourcing.offers.get(variantId) ?? [];
    if (offer?.supplier !== story.supplier) return [];
    const { sku: supplierSku, costCents, leadDays } = offer;
    const lineId = seedId(`${id}/line/${variantId}`, createdAt.getTime());
    return [
      { id: lineId, variantId, supplierSku, costCents, leadDays, ordered: dozens(pieces), received: 0, billed: 0 },
    ];
  });
  return lines.length === 0 ? undefined : { id, story, createdAt, lines: lines.slice(0, 12) };
}

const suppliersOf = ({ supplierIds }: Sourcing): number => supplierIds.length;

/** The supplier owes what did not come. */
const isAwaited = ({ story: { approved, ended } }: Purchase): boolean => approved !== undefined && !ended;

/** All of it, or half of the lines, into the stockroom; and to the orders that lack it. */
function receive({ maker, room, openOrders }: PurchaseInput, purchase: Purchase, at: Date): void {
  const { lines, story } = purchase;
  const { sheet, main, happenings } = room;
  const id = receiptId(purchase)(at);
  happenings.set(id, { at, by: maker.making.buyerId });
  for (const [index, line] of lines.entries()) {
    if (story.received?.isPart && index % 2 === 1) continue;
    line.received = story.received?.isPart && index % 4 === 2 ? line.ordered / 2 : line.ordered;
    sheet.move(line.variantId, parseExact(String(line.received)), sheet.outside('supplier'), main, {
      kind: 'receipt',
      type: 'purchase_receipt',
      id,
    });
  }
  sheet.reserve(openOrders(at));
}

/** From one status to the next, as its history has it. */
export interface PurchaseMove {
  readonly to: PurchaseOrderStatus;
  readonly at: Date;
  readonly by: string;
  readonly reason: string | null;
}

export function movesOf({ making }: Maker, { story }: Purchase, now: Date): PurchaseMove[] {
  const { submitted, approved, received, ended } = story;
  const move = (to: PurchaseOrderStatus, daysAgo: number, by: string, reason: string | null = null): PurchaseMove => ({
    to,
    at: daysBefore(now, daysAgo),
    by,
    reason,
  });
  const signs = { closed: making.buyerId, cancelled: making.buyerId, rejected: making.approverId };
  return [
    ...(submitted === null ? [] : [move('submitted', submitted, making.buyerId)]),
    ...(approved === undefined ? [] : [move('approved', approved, making.approverId)]),
    ...(received ? [move(received.isPart ? 'partially_received' : 'received', received.daysAgo, making.buyerId)] : []),
    ...(ended ? [move(ended.status, ended.daysAgo, signs[ended.status], ended.reason)] : []),
  ];
}

/** Pieces and cents of each line as the supplier's invoice has them. */
export function billedLines({ story, lines }: Purchase): { line: PurchaseLine; pieces: number; costCents: number }[] {
  if (!story.billed) return [];
  const { isRight } = story.billed;
  return lines.flatMap((line, index) => {
    if (line.received === 0) return [];
    const more = isRight || index > 1 ? 0 : 1;
    return [{ line, pieces: line.received + more * 12, costCents: line.costCents + more * 25 }];
  });
}
