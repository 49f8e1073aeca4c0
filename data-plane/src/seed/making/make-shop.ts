import { formatExact, parseExact } from '../../modules/pricing/index.js';
import type { SeedCatalogue } from '../catalogue.js';
import type { Documents, PlacedOrder, RowsByTable } from '../document-rows.js';
import type { Row } from '../insert-rows.js';
import { type Random, seedId } from '../random.js';
import { type Artwork, withArtwork } from './artwork.js';
import type { GarmentPicture } from './garments.js';
import { jobRows } from './job-rows.js';
import { makeJobs } from './jobs.js';
import { dayMs, type Maker } from './plan.js';
import { purchaseRows } from './purchase-rows.js';
import { type Purchase, purchaseEvents, type ShopEvent } from './purchases.js';
import { makeSourcing } from './sourcing.js';
import { makeStages } from './stages.js';
import { openStockroom, type Stockroom, stockRows } from './stockroom.js';

export interface ShopInput {
  readonly maker: Maker;
  readonly catalogue: SeedCatalogue;
  readonly documents: Documents;
  readonly masters: RowsByTable;
  readonly artwork: readonly Artwork[];
  readonly pictures: readonly GarmentPicture[];
  readonly random: Random;
  readonly now: Date;
}

/** All was counted before the oldest order that is still open was taken. */
const countedDaysAgo = 60;

export const openOrdersOf = ({ placed }: Documents): PlacedOrder[] =>
  placed.filter(({ status }) => status === 'confirmed' || status === 'in_production');

/** The tables of the whole organization: what was sold, with what the shop does about it. */
export function makeShop(input: ShopInput): RowsByTable {
  const { maker, catalogue, documents, random, now } = input;
  const at = new Date(now.getTime() - countedDaysAgo * dayMs);
  const orders = openOrdersOf(documents);
  const sourcing = makeSourcing(maker, catalogue, random, at);
  const room = openStockroom(maker, orders, at);
  const purchases: Purchase[] = [];
  const openOrders = (until: Date) =>
    orders
      .filter(({ confirmedAt }) => confirmedAt <= until)
      .sort((a, b) => (a.dueOn < b.dueOn ? -1 : 1))
      .map(({ id }) => id);
  const events = [
    ...openingEvents(maker, room, catalogue, random, at),
    ...orders.flatMap((order) => orderEvents(maker, room, order)),
    ...purchaseEvents({ maker, sourcing, room, now, random, openOrders }, purchases),
  ];
  for (const { run } of events.sort((a, b) => a.at.getTime() - b.at.getTime())) run();

  const stages = makeStages(maker, at);
  const hashes = new Map(input.artwork.map(({ designId, hash }) => [designId, hash]));
  const floor = { maker, orders, stages, room, hashes, random, now };
  const jobs = jobRows(floor, makeJobs(floor));
  const bought = purchaseRows({ maker, sourcing, locationId: room.main.id, now }, purchases);
  const sold = withNeeds(documents.tables, room);
  const masters = withArtwork(input.masters, input.artwork);
  return {
    ...masters,
    erp_files: [...(masters['erp_files'] ?? []), ...input.pictures.map(({ file }) => file)],
    erp_product_images: input.pictures.map(({ image }) => image),
    ...sold,
    ...sourcing.tables,
    ...stockRows(maker, room, at),
    ...bought,
    erp_number_sequences: [...(sold['erp_number_sequences'] ?? []), ...(bought['erp_number_sequences'] ?? [])],
    ...jobs,
  };
}

/** What was found when all was counted; some of it goes to the workspaces' shelves. */
function openingEvents(
  { name, userId, making: { stocked } }: Maker,
  { sheet, main, shelves, happenings }: Stockroom,
  { products }: SeedCatalogue,
  random: Random,
  at: Date,
): ShopEvent[] {
  const variants = products.flatMap(({ variants: ofProduct, sized }) => ofProduct.map(({ id }) => ({ id, sized })));
  const ordered = new Set(sheet.sizes.map(({ variantId }) => variantId));
  const run = () => {
    const id = seedId(`${name}/opening`, at.getTime());
    happenings.set(id, { at, by: userId });
    for (const variant of variants) {
      // Of some sizes there were none left; a small shop keeps little that nobody ordered.
      if (random.oneIn(40) || !(ordered.has(variant.id) || random.next() < stocked)) continue;
      const pieces = random.between(5, variant.sized ? 12 : 20) * 6;
      const source = { kind: 'adjustment', type: 'adjustment', id, reason: 'Opening stock' } as const;
      sheet.move(variant.id, parseExact(String(pieces)), sheet.outside('loss'), main, source);
    }
  };
  const shelvedAt = new Date(at.getTime() + dayMs);
  const shelve = () => {
    for (const shelf of shelves) {
      const id = seedId(`${name}/transfer/${shelf.code}`, shelvedAt.getTime());
      happenings.set(id, { at: shelvedAt, by: userId });
      for (const variant of variants) {
        if (!random.oneIn(12)) continue;
        const pieces = Math.floor(Number(formatExact(sheet.level(main.id, variant.id).onHand)) / 3);
        const source = { kind: 'transfer', type: 'transfer', id, reason: 'Kept at hand' } as const;
        if (pieces > 0) sheet.move(variant.id, parseExact(String(pieces)), main, shelf, source);
      }
    }
  };
  return [
    { at, run },
    { at: shelvedAt, run: shelve },
  ];
}

/** Confirming promises what is there, starting takes it; what is short is waited for. */
function orderEvents(
  { making }: Maker,
  { sheet, happenings }: Stockroom,
  { id, status, confirmedAt, startedAt }: PlacedOrder,
): ShopEvent[] {
  const confirm = () => {
    sheet.need(id);
    sheet.reserve([id]);
  };
  const start = () => {
    happenings.set(id, { at: startedAt, by: making.pressId });
    sheet.reserve([id]);
    sheet.consume(id);
  };
  const confirmed = { at: confirmedAt, run: confirm };
  return status === 'in_production' ? [confirmed, { at: startedAt, run: start }] : [confirmed];
}

/** The orders' sizes with what they still need from stock, and what of it is theirs. */
function withNeeds(tables: RowsByTable, { sheet }: Stockroom): RowsByTable {
  const needs = new Map(sheet.sizes.map((size) => [size.id, size]));
  return {
    ...tables,
    erp_order_line_sizes: (tables['erp_order_line_sizes'] ?? []).map((row): Row => {
      const size = needs.get(String(row['id']));
      if (!size) return row;
      return { ...row, open_quantity: formatExact(size.open), reserved_quantity: formatExact(size.reserved) };
    }),
  };
}
