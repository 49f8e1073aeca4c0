import type { StockDifference } from '@platen/schema/contracts/data/stock';
import type { Static } from 'typebox';
import { add, compare, type Exact, formatExact, negate, parseExact, subtract, zero } from '../../pricing/index.js';
import type { NeedRow, PromiseRow, StandRow, Suspect } from './find-suspects.js';

export type Difference = Static<typeof StockDifference>;

/** A location's stock of the variant: as it is stored, and as it should be. */
export interface Stand {
  readonly row: StandRow;
  readonly stored: { readonly onHand: Exact; readonly reserved: Exact };
  onHand: Exact;
  /** Into the location; below zero: out of it. What its entries lack to add up to something that can be. */
  entry: Exact;
}
export interface Need {
  readonly row: NeedRow;
  readonly stored: { readonly open: Exact; readonly reserved: Exact };
  readonly open: Exact;
}
export interface Promised {
  readonly sizeId: string;
  readonly locationId: string;
  readonly isOwn: boolean;
  readonly stored: Exact;
  quantity: Exact;
}
/** A variant as it should be, and what differs from that with the way there. */
export interface Mended {
  readonly variantId: string;
  readonly stands: readonly Stand[];
  readonly needs: readonly Need[];
  readonly promises: readonly Promised[];
  readonly differences: readonly Difference[];
}

const isPositive = (x: Exact): boolean => compare(x, zero) > 0;
const isSame = (a: Exact, b: Exact): boolean => compare(a, b) === 0;
const least = (a: Exact, b: Exact): Exact => (compare(a, b) < 0 ? a : b);
const atLeastZero = (x: Exact): Exact => (isPositive(x) ? x : zero);
const sum = (rows: readonly { readonly quantity: Exact }[]): Exact =>
  rows.reduce((total, { quantity }) => add(total, quantity), zero);

/**
 * The entries are right, as they are never changed; levels follow them. What orders need follows from what was ordered and
 * taken; promises follow from both. Where entries add up to what cannot be (less than nothing, or less than what orders
 * out of reach are promised), the level stands and an entry is missing.
 */
export function mend(suspect: Suspect): Mended {
  const work = open(suspect);
  tellPromises(work);
  for (const stand of work.stands) mendOnHand(work, stand);
  for (const need of work.needs) mendNeed(work, need);
  for (const stand of work.stands) freeExcess(work, stand);
  promiseRest(work);
  return { variantId: suspect.variant_id, ...work };
}

interface Work {
  readonly stands: Stand[];
  readonly needs: Need[];
  readonly promises: Promised[];
  readonly differences: Difference[];
  tell(difference: Pick<Difference, 'kind'> & Partial<Difference>, expected: Exact, found: Exact, repair: Repair): void;
}
interface Repair {
  readonly action: Difference['repair']['action'];
  readonly quantity: Exact;
}

function open({ variant_id, sku, stands, needs, promises }: Suspect): Work {
  const differences: Difference[] = [];
  return {
    differences,
    stands: stands.map((row) => {
      const onHand = parseExact(row.on_hand ?? '0');
      return { row, stored: { onHand, reserved: parseExact(row.reserved ?? '0') }, onHand, entry: zero };
    }),
    needs: needs.map((row) => ({
      row,
      stored: { open: parseExact(row.open), reserved: parseExact(row.reserved) },
      open: parseExact(row.needed),
    })),
    promises: promises.map((row: PromiseRow) => ({
      sizeId: row.order_line_size_id,
      locationId: row.location_id,
      isOwn: row.is_own,
      stored: parseExact(row.quantity),
      quantity: parseExact(row.quantity),
    })),
    tell: (difference, expected, found, { action, quantity }) =>
      differences.push({
        variant_id,
        sku,
        location_id: null,
        order_id: null,
        order_line_size_id: null,
        ...difference,
        expected: formatExact(expected),
        found: formatExact(found),
        repair: { action, quantity: formatExact(quantity) },
      }),
  };
}

const at = ({ row }: Stand) => ({ location_id: row.location_id });
const of = ({ row }: Need) => ({ order_id: row.order_id, order_line_size_id: row.id });
const set = (expected: Exact, found: Exact): Repair => ({ action: 'set', quantity: subtract(expected, found) });

/** What levels and sizes say to be promised is the sum of the reservations. */
function tellPromises({ stands, needs, promises, tell }: Work): void {
  for (const stand of stands) {
    const total = sum(promises.filter(({ locationId }) => locationId === stand.row.location_id));
    const { reserved } = stand.stored;
    if (!isSame(total, reserved)) tell({ kind: 'reserved', ...at(stand) }, total, reserved, set(total, reserved));
    const { allows, location_allows: should } = stand.row;
    if (allows !== null && allows !== should) {
      const [expected, found] = [flag(should), flag(allows)];
      tell({ kind: 'settings', ...at(stand) }, expected, found, set(expected, found));
    }
  }
  for (const need of needs) {
    const total = sum(promises.filter(({ sizeId }) => sizeId === need.row.id));
    const { reserved } = need.stored;
    if (!isSame(total, reserved)) tell({ kind: 'order_reserved', ...of(need) }, total, reserved, set(total, reserved));
  }
}
const flag = (is: boolean): Exact => parseExact(is ? '1' : '0');

function mendOnHand({ promises, tell }: Work, stand: Stand): void {
  const { row, stored } = stand;
  const entries = parseExact(row.entries);
  if (isSame(entries, stored.onHand)) return;
  const foreign = sum(promises.filter(({ locationId, isOwn }) => locationId === row.location_id && !isOwn));
  const canBe = (row.location_allows || !isPositive(negate(entries))) && compare(atLeastZero(entries), foreign) >= 0;
  const difference = { kind: 'on_hand', ...at(stand) } as const;
  if (canBe) {
    stand.onHand = entries;
    tell(difference, entries, stored.onHand, set(entries, stored.onHand));
    return;
  }
  stand.onHand = compare(stored.onHand, foreign) < 0 ? foreign : stored.onHand;
  stand.entry = subtract(stand.onHand, entries);
  tell(difference, entries, stored.onHand, { action: 'entry', quantity: stand.entry });
}

function mendNeed(work: Work, need: Need): void {
  const { open, stored, row } = need;
  if (!isSame(open, stored.open)) work.tell({ kind: 'open', ...of(need) }, open, stored.open, set(open, stored.open));
  const own = work.promises.filter(({ sizeId }) => sizeId === row.id);
  let excess = subtract(sum(own), open);
  for (const promised of own.toReversed()) excess = free(work, promised, excess);
}

/** Takes back up to so much of a promise; answers what is left to take back. */
function free({ needs, tell }: Work, promised: Promised, excess: Exact): Exact {
  const freed = least(excess, promised.quantity);
  if (!isPositive(freed)) return excess;
  const left = subtract(promised.quantity, freed);
  const size = needs.find(({ row }) => row.id === promised.sizeId);
  tell(
    {
      kind: 'over_reserved',
      location_id: promised.locationId,
      order_id: size?.row.order_id ?? null,
      order_line_size_id: promised.sizeId,
    },
    left,
    promised.quantity,
    { action: 'release', quantity: negate(freed) },
  );
  promised.quantity = left;
  return subtract(excess, freed);
}

/** No more is promised than is there: the last to be served lose theirs. And nothing to a size of another variant. */
function freeExcess(work: Work, stand: Stand): void {
  const here = work.promises.filter(({ locationId }) => locationId === stand.row.location_id);
  const rankOf = ({ sizeId }: Promised): number => work.needs.findIndex(({ row }) => row.id === sizeId);
  const own = here.filter(({ isOwn }) => isOwn).sort((a, b) => rankOf(b) - rankOf(a));
  for (const stray of own.filter((promised) => rankOf(promised) < 0)) free(work, stray, stray.quantity);
  let excess = subtract(sum(here), atLeastZero(stand.onHand));
  for (const promised of own) excess = free(work, promised, excess);
}

/** What is free and waited for, as it is promised when stock comes. */
function promiseRest({ stands, needs, promises, tell }: Work): void {
  for (const need of needs) {
    for (const { row, onHand } of stands) {
      const missing = subtract(need.open, sum(promises.filter(({ sizeId }) => sizeId === need.row.id)));
      if (!isPositive(missing)) break;
      if (row.location_workspace_id !== null && row.location_workspace_id !== need.row.workspace_id) continue;
      const here = promises.filter(({ locationId }) => locationId === row.location_id);
      const quantity = least(missing, subtract(onHand, sum(here)));
      if (!isPositive(quantity)) continue;
      let promised = here.find(({ sizeId }) => sizeId === need.row.id);
      if (!promised) {
        promised = { sizeId: need.row.id, locationId: row.location_id, isOwn: true, stored: zero, quantity: zero };
        promises.push(promised);
      }
      const found = promised.quantity;
      promised.quantity = add(found, quantity);
      tell({ kind: 'unreserved', ...of(need), location_id: row.location_id }, promised.quantity, found, {
        action: 'reserve',
        quantity,
      });
    }
  }
}
