import { type StockLocationKind, stockLocationKinds } from '@platen/schema/states/stock';
import { createSheet, type Location, type Sheet, standardLocations } from '../../modules/inventory/index.js';
import { formatExact, parseExact, zero } from '../../modules/pricing/index.js';
import type { PlacedOrder, RowsByTable } from '../document-rows.js';
import type { Row } from '../insert-rows.js';
import { seedId } from '../random.js';
import { type Maker, ownedBy, stampsOf } from './plan.js';

/** What the entries of one document have alike, which the sheet does not know. */
export interface Happening {
  readonly at: Date;
  readonly by: string;
}
export interface Stockroom {
  readonly sheet: Sheet;
  /** What serves the whole organization. */
  readonly main: Location;
  readonly shelves: readonly Location[];
  /** Of the documents that stock moved for, by their id. */
  readonly happenings: Map<string, Happening>;
}

const locationId = (maker: Maker, code: string, at: Date) => seedId(`${maker.name}/location/${code}`, at.getTime());

/** An empty stockroom and the orders that will take from it: the rules of the product's own stock hold for the seeds. */
export function openStockroom(maker: Maker, orders: readonly PlacedOrder[], at: Date): Stockroom {
  const shelves = maker.making.shelves.map(
    ({ workspaceId, code }): Location => ({
      id: locationId(maker, code, at),
      code,
      kind: 'internal',
      workspaceId,
      allowNegative: false,
    }),
  );
  const standard = stockLocationKinds.map((kind: StockLocationKind): Location => {
    const [code] = standardLocations[kind];
    return { id: locationId(maker, code, at), code, kind, workspaceId: null, allowNegative: kind !== 'internal' };
  });
  const sizes = orders.flatMap(({ id: orderId, workspaceId, lines }) =>
    lines.flatMap(({ id: lineId, sizes: ofLine }) =>
      ofLine.map(({ id, variantId, quantity }) => ({
        id,
        lineId,
        orderId,
        workspaceId,
        variantId,
        quantity: parseExact(String(quantity)),
        isStocked: true,
        open: zero,
        reserved: zero,
      })),
    ),
  );
  const sheet = createSheet({ locations: [...shelves, ...standard], levels: [], sizes, reservations: [] });
  const main = standard.find(({ kind }) => kind === 'internal');
  if (!main) throw new Error('no kind of location is internal');
  return { sheet, main, shelves, happenings: new Map() };
}

/** Locations, levels, entries and reservations of what was done to the stockroom. */
export function stockRows(maker: Maker, { sheet, happenings }: Stockroom, at: Date): RowsByTable {
  const { levels, entries, reservations } = sheet.changes();
  const names = new Map(maker.making.shelves.map(({ code, name }) => [code, name]));
  return {
    erp_stock_locations: sheet.locations.map(({ id, code, kind, workspaceId, allowNegative }): Row => {
      const name = names.get(code) ?? standardLocations[kind][1];
      const place = { id, code, name, kind, position: 0, allow_negative: allowNegative };
      return { ...ownedBy(maker, workspaceId), ...place, version: 1, ...stampsOf(at) };
    }),
    erp_stock_levels: levels.map(({ location, variantId, onHand, reserved }): Row => {
      const id = seedId(`${maker.name}/level/${location.code}/${variantId}`, at.getTime());
      const place = { id, location_id: location.id, variant_id: variantId, allow_negative: location.allowNegative };
      const held = { on_hand: formatExact(onHand), reserved: formatExact(reserved) };
      return { ...ownedBy(maker, location.workspaceId), ...place, ...held, ...stampsOf(at) };
    }),
    erp_stock_moves: entries.map((entry, index): Row => {
      const happening = happenings.get(entry.id);
      if (!happening) throw new Error(`nobody says when ${entry.kind} of ${entry.id} was`);
      return {
        ...ownedBy(maker, entry.workspaceId),
        id: seedId(`${maker.name}/stock-move/${index}`, happening.at.getTime(), index),
        variant_id: entry.variantId,
        from_location_id: entry.fromLocationId,
        to_location_id: entry.toLocationId,
        quantity: formatExact(entry.quantity),
        kind: entry.kind,
        source_type: entry.type,
        source_id: entry.id,
        order_id: entry.orderId ?? null,
        order_line_size_id: entry.orderLineSizeId ?? null,
        reason: entry.reason ?? null,
        made_by: happening.by,
        created_at: happening.at.toISOString(),
      };
    }),
    erp_stock_reservations: reservations.map(({ sizeId, location, variantId, quantity }): Row => {
      const ids = { id: seedId(`${sizeId}/reservation/${location.code}`, at.getTime()), order_line_size_id: sizeId };
      const promised = { location_id: location.id, variant_id: variantId, quantity: formatExact(quantity) };
      return { ...ownedBy(maker, location.workspaceId), ...ids, ...promised, ...stampsOf(at) };
    }),
  };
}
