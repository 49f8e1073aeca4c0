import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { BodyOf } from '@platen/schema/contract';
import type { purchaseOrders } from '@platen/schema/contracts/data/purchase-orders';
import type { Location } from '../../inventory/index.js';
import { type Exact, formatExact, parseExact } from '../../pricing/index.js';
import { lineTotal, positiveQuantity, requireCurrency, sumOf } from './costs.js';
import { findSupplier, findTerms } from './repo.js';

export type RequestedLine = BodyOf<typeof purchaseOrders.create>['lines'][number];

/** A line as it is stored. */
export interface CostedLine {
  readonly variantId: string;
  readonly supplierSku: string | null;
  readonly quantity: string;
  readonly unitCost: string;
  readonly lineTotal: string;
}
export interface CostedLines {
  readonly currency: string;
  readonly total: string;
  readonly lines: readonly CostedLine[];
}

/**
 * The lines at what they cost: what was said, else what the supplier asks. Everything they name is read under row-level
 * security.
 * @throws AppError unknown_reference, price_unavailable, currency_mismatch, amount_out_of_range
 */
export async function costLines(tx: Tx, supplierId: string, requested: readonly RequestedLine[]): Promise<CostedLines> {
  const variantIds = requested.map(({ variant_id }) => variant_id);
  const [supplier, terms] = await Promise.all([findSupplier(tx, supplierId), findTerms(tx, supplierId, variantIds)]);
  if (!supplier) throw unknown('/body/supplier_id', 'names no supplier');
  const { currency } = supplier;
  const totals: Exact[] = [];
  const lines = requested.map(({ variant_id, quantity: text, unit_cost }, index): CostedLine => {
    const path = `/body/lines/${index}`;
    const known = terms.get(variant_id);
    if (!known) throw unknown(`${path}/variant_id`, 'names no variant');
    requireCurrency(unit_cost, currency, `${path}/unit_cost`);
    const cost = unit_cost?.amount ?? known.cost;
    if (cost === null) throw uncosted(`${path}/unit_cost`);
    const quantity = positiveQuantity(text, `${path}/quantity`);
    const unitCost = parseExact(cost);
    const total = lineTotal(quantity, unitCost, currency);
    totals.push(total);
    return {
      variantId: variant_id,
      supplierSku: known.sku,
      quantity: formatExact(quantity),
      unitCost: formatExact(unitCost),
      lineTotal: sumOf([total]),
    };
  });
  return { currency, lines, total: sumOf(totals) };
}

/**
 * Where the goods go: the location that is named, or the first that holds stock, of what is the purchase order's own before
 * the organization's. People of the purchase order's workspace must see it; what the organization buys goes nowhere else
 * unless that is said.
 * @throws AppError unknown_reference
 */
export function destinationOf(
  locations: readonly Location[],
  wanted: { readonly locationId: string | undefined; readonly workspaceId: string | null },
): Location {
  const isOpen = ({ kind, workspaceId }: Location) =>
    kind === 'internal' && (workspaceId === null || wanted.workspaceId === null || workspaceId === wanted.workspaceId);
  const open = locations.filter(isOpen);
  const isUsual = ({ workspaceId }: Location) => wanted.workspaceId !== null || workspaceId === null;
  const found = open.find((each) => (wanted.locationId === undefined ? isUsual(each) : each.id === wanted.locationId));
  if (!found) throw unknown('/body/location_id', 'names no location that holds stock');
  return found;
}

const unknown = (path: string, message: string): AppError =>
  new AppError('unknown_reference', undefined, { fields: [{ path, message }] });

const uncosted = (path: string): AppError =>
  new AppError('price_unavailable', 'The supplier has no cost for a variant: say what it costs', {
    fields: [{ path, message: 'The supplier has no cost for this variant' }],
  });
