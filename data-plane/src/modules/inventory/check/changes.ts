import { add, compare, type Exact, negate, subtract, zero } from '../../pricing/index.js';
import type { Entry, Location, SheetChanges } from '../sheet.js';
import type { Mended } from './mend.js';

const isSame = (a: Exact, b: Exact): boolean => compare(a, b) === 0;

/** Where entries come from that were missing. */
export interface RepairSource {
  readonly id: string;
  readonly reason: string;
  readonly loss: Location;
  location(id: string): Location;
}

/** What has to be written for a variant to be as it should. What its lines lack then is found out afterwards. */
export function changesOf({ variantId, stands, needs, promises }: Mended, source: RepairSource): SheetChanges {
  const reservedAt = (locationId: string): Exact =>
    promises.filter((row) => row.locationId === locationId).reduce((total, { quantity }) => add(total, quantity), zero);
  const reservedOf = (sizeId: string): Exact =>
    promises.filter((row) => row.sizeId === sizeId).reduce((total, { quantity }) => add(total, quantity), zero);
  return {
    levels: stands.flatMap(({ row, stored, onHand }) => {
      const change = {
        onHand: subtract(onHand, stored.onHand),
        reserved: subtract(reservedAt(row.location_id), stored.reserved),
      };
      if (isSame(change.onHand, zero) && isSame(change.reserved, zero)) return [];
      const location = source.location(row.location_id);
      return [{ ...change, locationId: row.location_id, variantId, isNew: row.on_hand === null, location }];
    }),
    entries: stands.flatMap(({ row, entry }): Entry[] => {
      const location = source.location(row.location_id);
      const isInto = compare(entry, zero) > 0;
      if (isSame(entry, zero)) return [];
      return [
        {
          kind: 'adjustment',
          type: 'adjustment',
          id: source.id,
          reason: source.reason,
          variantId,
          quantity: isInto ? entry : negate(entry),
          fromLocationId: isInto ? source.loss.id : location.id,
          toLocationId: isInto ? location.id : source.loss.id,
          workspaceId: location.workspaceId,
        },
      ];
    }),
    reservations: promises
      .filter(({ quantity, stored }) => !isSame(quantity, stored))
      .map(({ sizeId, locationId, quantity }) => ({
        sizeId,
        locationId,
        quantity,
        variantId,
        location: source.location(locationId),
      })),
    sizes: needs.flatMap(({ row, stored, open }) => {
      const reserved = reservedOf(row.id);
      if (isSame(open, stored.open) && isSame(reserved, stored.reserved)) return [];
      return [
        {
          id: row.id,
          lineId: row.order_line_id,
          orderId: row.order_id,
          workspaceId: row.workspace_id,
          variantId,
          open,
          reserved,
          // Neither is written.
          quantity: open,
          isStocked: true,
        },
      ];
    }),
    blanks: [],
  };
}
