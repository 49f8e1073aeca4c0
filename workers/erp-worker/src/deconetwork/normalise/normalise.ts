import { type Checker, createChecker } from '@platen/chassis/validation/checker';
import {
  DnInventoryRecord,
  DnOrderRecord,
  DnProductRecord,
  DnPurchaseOrderRecord,
  type DnRecord,
} from '@platen/schema/contracts/internal/deconetwork';
import type { DnReadKind } from '@platen/schema/states/deconetwork';
import type { TSchema } from 'typebox';
import { momentOf } from '../dates.js';
import { Inventory, Order, Product, PurchaseOrder } from '../shapes.js';
import { markOf } from '../sweep.js';
import { isVendorObject, rawOf, type TextValue, textOf, type VendorObject, type VendorValue } from '../vendor-json.js';
import { inventoryOf, productOf, purchaseOrderOf } from './masters.js';
import { orderOf } from './order.js';
import { textOrNull } from './text.js';

/** A row that is none of ours to be: of the page's other rows nothing follows from that. */
export interface UnreadableRow {
  readonly kind: DnReadKind;
  /** Where it does not say which record it is, a name for it that the same row has again. */
  readonly dn_id: string;
  readonly modified_at: string | null;
  /** What is wrong with it, and where; no value of it. */
  readonly message: string;
  readonly raw: string;
}
export type ReadRow = { readonly record: DnRecord } | { readonly unreadable: UnreadableRow };

interface Kind {
  /** Where a row says which record it is, and when it changed. */
  readonly id: string;
  readonly modified: string;
  read(row: TextValue, raw: string): DnRecord | string;
}

function kind<S extends TSchema, R extends DnRecord>(
  names: { readonly id: string; readonly modified: string },
  shape: Checker<S>,
  make: (row: never, raw: string) => R,
  record: Checker<TSchema>,
): Kind {
  return {
    ...names,
    read(row, raw) {
      if (!shape.check(row)) return shape.describe(row);
      // Of the shape that it was just found to have, which `make` takes.
      const made = make(row as never, raw);
      const problem = record.describe(made);
      return problem === '' ? made : problem;
    },
  };
}

const kinds: Readonly<Record<DnReadKind, Kind>> = {
  order: kind(
    { id: 'order_id', modified: 'date_modified' },
    createChecker(Order),
    orderOf,
    createChecker(DnOrderRecord),
  ),
  product: kind(
    { id: 'product_id', modified: 'date_modified' },
    createChecker(Product),
    productOf,
    createChecker(DnProductRecord),
  ),
  inventory: kind(
    { id: 'dn_sku_id', modified: 'inv_last_modified' },
    createChecker(Inventory),
    inventoryOf,
    createChecker(DnInventoryRecord),
  ),
  purchase_order: kind(
    { id: 'po_number', modified: 'date_modified' },
    createChecker(PurchaseOrder),
    purchaseOrderOf,
    createChecker(DnPurchaseOrderRecord),
  ),
};

/** A row of a page in our words. Never throws. */
export function readRow(kind: DnReadKind, value: VendorValue): ReadRow {
  const { id, modified, read } = kinds[kind];
  if (!isVendorObject(value))
    return unreadable(kind, null, null, 'it is no record', JSON.stringify(textOf(value)).slice(0, 1_000));
  const text = (name: string) => scalarOf(value, name);
  const facts = [textOrNull(text(id), 100), momentOf(text(modified))] as const;
  const raw = rawOf(value);
  try {
    const made = read(textOf(value), raw);
    return typeof made === 'string' ? unreadable(kind, ...facts, made, raw) : { record: made };
  } catch (error) {
    // Of counting: others would be our own mistakes.
    if (!(error instanceof RangeError)) throw error;
    return unreadable(kind, ...facts, error.message, raw);
  }
}

function scalarOf(row: VendorObject, name: string): string | null {
  const value = textOf(row[name] ?? null);
  return typeof value === 'string' ? value : null;
}

function unreadable(
  kind: DnReadKind,
  dnId: string | null,
  modifiedAt: string | null,
  message: string,
  raw: string,
): ReadRow {
  return {
    unreadable: {
      kind,
      dn_id: dnId ?? `unnamed ${markOf(raw, null)}`,
      modified_at: modifiedAt,
      message: message.slice(0, 400),
      raw,
    },
  };
}
