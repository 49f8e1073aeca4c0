import { AppError } from '@platen/chassis/http/app-error';
import type { StockLocationKind, StockMoveKind, StockSource } from '@platen/schema/states/stock';
import { add, compare, type Exact, formatExact, subtract, zero } from '../pricing/index.js';

/**
 * Stock of some variants, held still: its rows are locked, what is done to it here is plain arithmetic, and is written at
 * the end (write-sheet.ts). Every quantity is exact; every change of a level has its entry or its reservation.
 */

export interface Location {
  readonly id: string;
  readonly code: string;
  readonly kind: StockLocationKind;
  /** null: the whole organization's. */
  readonly workspaceId: string | null;
  readonly allowNegative: boolean;
}

/** What a location has of a variant. */
export interface Level {
  readonly locationId: string;
  readonly variantId: string;
  readonly onHand: Exact;
  readonly reserved: Exact;
}

/** One size of a line of an order whose row is locked. */
export interface OrderSize {
  readonly id: string;
  readonly lineId: string;
  readonly orderId: string;
  readonly workspaceId: string | null;
  readonly variantId: string;
  readonly quantity: Exact;
  /** Services take nothing from stock. */
  readonly isStocked: boolean;
  readonly open: Exact;
  readonly reserved: Exact;
}

export interface Reservation {
  readonly sizeId: string;
  readonly locationId: string;
  readonly quantity: Exact;
}

/** Where an entry comes from, as every entry says it. */
export interface EntrySource {
  readonly kind: StockMoveKind;
  readonly type: StockSource;
  readonly id: string;
  readonly orderId?: string;
  readonly orderLineSizeId?: string;
  readonly reason?: string;
  /** Whose document it is. An entry from outside to outside has it, others their location's. */
  readonly workspaceId?: string | null;
}

export interface Entry extends Omit<EntrySource, 'workspaceId'> {
  readonly variantId: string;
  readonly fromLocationId: string;
  readonly toLocationId: string;
  readonly workspaceId: string | null;
  readonly quantity: Exact;
}

export interface OpenedSheet {
  /** In the order in which orders take from them. */
  readonly locations: readonly Location[];
  readonly levels: readonly Level[];
  /** In the order in which their orders are served. */
  readonly sizes: readonly OrderSize[];
  readonly reservations: readonly Reservation[];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What a line of an order lacks. */
export interface LineBlanks {
  readonly orderId: string;
  readonly workspaceId: string | null;
  readonly lineId: string;
  readonly short: Exact;
}

export interface SheetChanges {
  /** Differences to what was read. */
  readonly levels: readonly (Level & { readonly isNew: boolean; readonly location: Location })[];
  readonly entries: readonly Entry[];
  /** As they are to be; a quantity of zero is to go. */
  readonly reservations: readonly (Reservation & { readonly variantId: string; readonly location: Location })[];
  readonly sizes: readonly OrderSize[];
  /** Lines whose shortage is another one now, with it. */
  readonly blanks: readonly LineBlanks[];
}

export interface Sheet {
  readonly locations: readonly Location[];
  readonly sizes: readonly OrderSize[];
  /** @throws AppError not_found for a location that is not there, or not the caller's to see */
  location(id: string): Location;
  /** The organization's location of a kind that lies outside. */
  outside(kind: Exclude<StockLocationKind, 'internal'>): Location;
  level(locationId: string, variantId: string): Level;
  /** The order's sizes need their quantity from stock from now on. */
  need(orderId: string): void;
  /** Promises what is there to the orders' sizes, one order after the other. */
  reserve(orderIds: readonly string[]): void;
  /** Takes what is promised to the order into production. What it still needs stays open. */
  consume(orderId: string): void;
  /** The order needs nothing from stock any more: its promises are free for others. */
  close(orderId: string): void;
  /**
   * From one place to the other. Out of an internal location only what is there and promised to nobody.
   * @throws AppError stock_short
   */
  move(variantId: string, quantity: Exact, from: Location, to: Location, source: EntrySource): void;
  /**
   * Out of whichever internal locations of the source's workspace, and of the whole organization, have it.
   * @throws AppError stock_short
   */
  take(variantId: string, quantity: Exact, to: Location, source: EntrySource): void;
  /**
   * Somebody counted: the difference goes to or comes from `loss`. Where fewer are there than were promised, the orders of
   * this sheet lose their promises, the last to be served first.
   * @throws AppError stock_reserved when orders outside of this sheet hold them
   */
  count(variantId: string, location: Location, counted: Exact, source: EntrySource): void;
  /** Still missing for the order, by variant. */
  shortages(orderId: string): { readonly variantId: string; readonly quantity: Exact }[];
  changes(): SheetChanges;
}

interface LevelState extends Writable<Level> {
  readonly read: Level;
  readonly isNew: boolean;
  readonly location: Location;
}

const key = (a: string, b: string): string => `${a} ${b}`;
const isPositive = (x: Exact): boolean => compare(x, zero) > 0;
const least = (a: Exact, b: Exact): Exact => (compare(a, b) < 0 ? a : b);

/** @throws AppError stock_short, with what is missing of which variant */
export function refuseShort(missing: readonly { readonly variantId: string; readonly quantity: Exact }[]): never {
  throw new AppError('stock_short', 'What is there is less than what is needed, or is promised to orders', {
    extensions: {
      missing: missing.map(({ variantId, quantity }) => ({ variant_id: variantId, quantity: formatExact(quantity) })),
    },
  });
}

export function createSheet(opened: OpenedSheet): Sheet {
  const locations = new Map(opened.locations.map((location) => [location.id, location]));
  const internal = opened.locations.filter(({ kind }) => kind === 'internal');
  const levels = new Map<string, LevelState>();
  const sizes = opened.sizes.map((size) => ({ ...size, read: size }));
  const promised = new Map(
    opened.reservations.map((row) => [key(row.sizeId, row.locationId), { ...row, read: row.quantity }]),
  );
  const entries: Entry[] = [];

  const location = (id: string): Location => {
    const known = locations.get(id);
    if (!known) throw new AppError('not_found', 'There is no such stock location');
    return known;
  };
  const outside = (kind: StockLocationKind): Location => {
    const known = opened.locations.find((each) => each.kind === kind && each.workspaceId === null);
    if (!known) throw new Error(`The organization has no stock location of the kind ${kind}`);
    return known;
  };
  for (const read of opened.levels) {
    levels.set(key(read.locationId, read.variantId), {
      ...read,
      read,
      isNew: false,
      location: location(read.locationId),
    });
  }
  const level = (locationId: string, variantId: string): LevelState => {
    const at = key(locationId, variantId);
    const known = levels.get(at);
    if (known) return known;
    const read = { locationId, variantId, onHand: zero, reserved: zero };
    const made = { ...read, read, isNew: true, location: location(locationId) };
    levels.set(at, made);
    return made;
  };
  const available = (at: Level): Exact => subtract(at.onHand, at.reserved);
  const sizesOf = (orderId: string) => sizes.filter((size) => size.orderId === orderId);

  const enter = (
    variantId: string,
    quantity: Exact,
    from: Location,
    to: Location,
    source: EntrySource,
    workspaceId: string | null,
  ) =>
    entries.push({
      ...source,
      variantId,
      quantity,
      fromLocationId: from.id,
      toLocationId: to.id,
      workspaceId,
    });

  /** Both levels and the entry; two entries where the ends are seen by different people. */
  const shift = (variantId: string, quantity: Exact, from: Location, to: Location, source: EntrySource): void => {
    if (from.kind === 'internal') {
      const at = level(from.id, variantId);
      at.onHand = subtract(at.onHand, quantity);
    }
    if (to.kind === 'internal') {
      const at = level(to.id, variantId);
      at.onHand = add(at.onHand, quantity);
    }
    if (from.kind === 'internal' && to.kind === 'internal' && from.workspaceId !== to.workspaceId) {
      const between = outside('transit');
      enter(variantId, quantity, from, between, source, from.workspaceId);
      enter(variantId, quantity, between, to, source, to.workspaceId);
      return;
    }
    const counted = [from, to].find(({ kind }) => kind === 'internal');
    enter(variantId, quantity, from, to, source, counted ? counted.workspaceId : (source.workspaceId ?? null));
  };

  /** More (or less) of the level is promised to the size. */
  const promise = (size: (typeof sizes)[number], at: LevelState, quantity: Exact): void => {
    const id = key(size.id, at.locationId);
    const known = promised.get(id) ?? { sizeId: size.id, locationId: at.locationId, quantity: zero, read: zero };
    promised.set(id, { ...known, quantity: add(known.quantity, quantity) });
    at.reserved = add(at.reserved, quantity);
    size.reserved = add(size.reserved, quantity);
  };
  const promisesOf = (sizeId: string) =>
    [...promised.values()].filter((row) => row.sizeId === sizeId && isPositive(row.quantity));

  return {
    locations: opened.locations,
    sizes,
    location,
    outside,
    level,

    need(orderId) {
      for (const size of sizesOf(orderId)) if (size.isStocked) size.open = size.quantity;
    },

    reserve(orderIds) {
      for (const size of orderIds.flatMap(sizesOf)) {
        for (const { id, workspaceId } of internal) {
          const missing = subtract(size.open, size.reserved);
          if (!isPositive(missing)) break;
          // Whoever sees the order has to see all that it was promised: nothing of another workspace's.
          if (workspaceId !== null && workspaceId !== size.workspaceId) continue;
          const at = levels.get(key(id, size.variantId));
          if (!at || !isPositive(available(at))) continue;
          promise(size, at, least(missing, available(at)));
        }
      }
    },

    consume(orderId) {
      for (const size of sizesOf(orderId)) {
        for (const { locationId, quantity } of promisesOf(size.id)) {
          const at = level(locationId, size.variantId);
          promise(size, at, subtract(zero, quantity));
          size.open = subtract(size.open, quantity);
          shift(size.variantId, quantity, at.location, outside('production'), {
            kind: 'consumption',
            type: 'order',
            id: orderId,
            orderId,
            orderLineSizeId: size.id,
          });
        }
      }
    },

    close(orderId) {
      for (const size of sizesOf(orderId)) {
        for (const { locationId, quantity } of promisesOf(size.id)) {
          promise(size, level(locationId, size.variantId), subtract(zero, quantity));
        }
        size.open = zero;
      }
    },

    move(variantId, quantity, from, to, source) {
      if (from.kind === 'internal') {
        const at = level(from.id, variantId);
        const missing = subtract(quantity, available(at));
        // Below zero nothing is promised: what is has to stay covered.
        if (isPositive(missing) && (!from.allowNegative || isPositive(at.reserved)))
          refuseShort([{ variantId, quantity: missing }]);
      }
      shift(variantId, quantity, from, to, source);
    },

    take(variantId, quantity, to, source) {
      let missing = quantity;
      for (const from of internal) {
        const at = levels.get(key(from.id, variantId));
        if (!isPositive(missing)) break;
        // As with promises: whoever sees the document has to see where its stock came from.
        if (from.workspaceId !== null && from.workspaceId !== (source.workspaceId ?? null)) continue;
        if (!at || !isPositive(available(at))) continue;
        const taken = least(missing, available(at));
        shift(variantId, taken, from, to, source);
        missing = subtract(missing, taken);
      }
      if (isPositive(missing)) refuseShort([{ variantId, quantity: missing }]);
    },

    count(variantId, at, counted, source) {
      const here = level(at.id, variantId);
      let excess = subtract(here.reserved, isPositive(counted) ? counted : zero);
      for (const size of sizes.toReversed()) {
        if (!isPositive(excess)) break;
        const row = promised.get(key(size.id, at.id));
        if (size.variantId !== variantId || !row || !isPositive(row.quantity)) continue;
        const freed = least(excess, row.quantity);
        promise(size, here, subtract(zero, freed));
        excess = subtract(excess, freed);
      }
      if (isPositive(excess)) {
        throw new AppError('stock_reserved', 'Orders that cannot be changed here hold more than was counted', {
          extensions: { variant_id: variantId, quantity: formatExact(excess) },
        });
      }
      const difference = subtract(counted, here.onHand);
      const loss = outside('loss');
      if (isPositive(difference)) shift(variantId, difference, loss, at, source);
      else if (isPositive(subtract(zero, difference))) shift(variantId, subtract(zero, difference), at, loss, source);
    },

    shortages(orderId) {
      const missing = new Map<string, Exact>();
      for (const { variantId, open, reserved } of sizesOf(orderId)) {
        const short = subtract(open, reserved);
        if (isPositive(short)) missing.set(variantId, add(missing.get(variantId) ?? zero, short));
      }
      return [...missing].map(([variantId, quantity]) => ({ variantId, quantity }));
    },

    changes: () => ({
      entries,
      levels: [...levels.values()].flatMap(({ read, isNew, location: at, locationId, variantId, onHand, reserved }) => {
        const difference = {
          locationId,
          variantId,
          onHand: subtract(onHand, read.onHand),
          reserved: subtract(reserved, read.reserved),
        };
        const isSame = compare(difference.onHand, zero) === 0 && compare(difference.reserved, zero) === 0;
        // A level that was made and is empty all the same had something pass through: entries, no level.
        return isSame ? [] : [{ ...difference, isNew, location: at }];
      }),
      reservations: [...promised.values()].flatMap(({ sizeId, locationId, quantity, read }) => {
        const size = sizes.find(({ id }) => id === sizeId);
        if (!size || compare(quantity, read) === 0) return [];
        return [{ sizeId, locationId, quantity, variantId: size.variantId, location: location(locationId) }];
      }),
      sizes: sizes.filter(
        ({ open, reserved, read }) => compare(open, read.open) !== 0 || compare(reserved, read.reserved) !== 0,
      ),
      blanks: changedBlanks(sizes),
    }),
  };
}

/** Only of lines that were open before: what an order begins with is said by its confirmation. */
function changedBlanks(sizes: readonly (OrderSize & { readonly read: OrderSize })[]): LineBlanks[] {
  const lines = new Map<string, { of: OrderSize; before: Exact; after: Exact; wasOpen: boolean }>();
  for (const size of sizes) {
    const { lineId, open, reserved, read } = size;
    const line = lines.get(lineId) ?? { of: size, before: zero, after: zero, wasOpen: false };
    lines.set(lineId, {
      of: size,
      before: add(line.before, subtract(read.open, read.reserved)),
      after: add(line.after, subtract(open, reserved)),
      wasOpen: line.wasOpen || isPositive(read.open),
    });
  }
  return [...lines].flatMap(
    ([
      lineId,
      {
        of: { orderId, workspaceId },
        before,
        after,
        wasOpen,
      },
    ]) => (wasOpen && compare(before, after) !== 0 ? [{ orderId, workspaceId, lineId, short: after }] : []),
  );
}
