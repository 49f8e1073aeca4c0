import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { DnRecord } from '@platen/schema/contracts/internal/deconetwork';
import { lockHeldJob } from '../../jobs/index.js';
import { listOrderStates, type OrderState } from '../../orders/index.js';
import { findOurLevel } from './apply-inventory.js';
import { orderFields } from './apply-order.js';
import { projectProduct } from './apply-product.js';
import { listReceived, receivedThere } from './apply-purchase-order.js';
import { mapKindOf, refsOf } from './apply-record.js';
import { listVariants, type VariantRow } from './apply-variants.js';
import type { ApplyCall, RowDraft } from './call.js';
import { bookKey, listMaps, type MapBook, type MapRow, noteSeen } from './maps-repo.js';
import { type Fields, isSame } from './merge.js';
import { projectOrder } from './project-order.js';
import { isMapped, waitsFor } from './refs.js';
import { insertRows, listKnownRows } from './rows-repo.js';

interface ProductRow {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly brand: string | null;
  readonly status: string;
}
const selectProducts = statement<ProductRow>(
  'dn_compare.list_products',
  'select p.id, p.code, p.name, p.brand, p.status from erp_products p where p.id = any($1::uuid[])',
);

/** Both sides of one record; null: it is not here. */
type Sides = { readonly ours: Fields; readonly theirs: Fields; readonly error?: RowDraft['error'] } | null;

interface Page {
  readonly tx: Tx;
  readonly call: ApplyCall;
  readonly book: MapBook;
  readonly orders: ReadonlyMap<string, OrderState>;
  readonly products: ReadonlyMap<string, ProductRow>;
  readonly variants: ReadonlyMap<string, VariantRow>;
}

/**
 * A page held against what is here: a row for each record that differs, or is not here. Nothing else is written, and
 * nobody's change is undone by it. Answers how many are the same.
 */
export function compareRecords(call: ApplyCall, records: readonly DnRecord[]): Promise<number> {
  return call.db.transaction(async (tx) => {
    const [, known, book] = await Promise.all([
      lockHeldJob(tx, call.jobId, call.holder),
      listKnownRows(tx, call.jobId, records),
      listMaps(tx, call.connection.id, records.flatMap(refsOf)),
    ]);
    const localIds = (kind: MapRow['kind']) =>
      [...book.values()].flatMap((map) => (map.kind === kind && map.local_id !== null ? [map.local_id] : []));
    const withProducts = records.some(({ kind }) => kind === 'product');
    const [orders, products, variants] = await Promise.all([
      listOrderStates(tx, localIds('order')),
      withProducts ? tx.query(selectProducts, [localIds('product')]) : [],
      withProducts ? listVariants(tx, localIds('variant')) : [],
    ]);
    const page = {
      tx,
      call,
      book,
      orders,
      products: new Map(products.map((row) => [row.id, row])),
      variants: new Map(variants.map((row) => [row.id, row])),
    };
    const fresh = records.filter((record) => !known.has(`${record.kind} ${record.dn_id}`));
    const drafts: { readonly record: DnRecord; readonly draft: RowDraft | null }[] = [];
    for (const record of fresh) drafts.push({ record, draft: await compareRecord(page, record) });
    const rows = drafts.flatMap(({ record, draft }) =>
      draft ? [{ ...draft, record, modifiedAt: record.modified_at }] : [],
    );
    insertRows(tx, call.ctx, call.jobId, rows);
    noteSeen(
      tx,
      records.flatMap((record) => book.get(bookKey(mapKindOf(record), record.dn_id))?.id ?? []),
    );
    return fresh.length - rows.length;
  });
}

async function compareRecord(page: Page, record: DnRecord): Promise<RowDraft | null> {
  const map = page.book.get(bookKey(mapKindOf(record), record.dn_id));
  if (map?.state === 'ignored') return null;
  const row = { kind: record.kind, dnId: record.dn_id, mapId: map?.id ?? null, localId: map?.local_id ?? null };
  const sides = isMapped(map) && map.local_id !== null ? await sidesOf(page, record, map.local_id) : null;
  if (!sides) return { ...row, outcome: 'missing_here' };
  const names = Object.keys(sides.theirs).filter((name) => !isSame(sides.ours[name], sides.theirs[name]));
  if (names.length === 0 && !sides.error) return null;
  const only = (fields: Fields): Fields => Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
  return {
    ...row,
    outcome: 'differs',
    before: only(sides.ours),
    after: only(sides.theirs),
    error: sides.error ?? null,
  };
}

async function sidesOf(page: Page, record: DnRecord, localId: string): Promise<Sides> {
  switch (record.kind) {
    case 'order':
      return sidesOfOrder(page, record, localId);
    case 'product': {
      const local = page.products.get(localId);
      return local ? sidesOfProduct(page, record, local) : null;
    }
    case 'inventory': {
      if (record.level === null) return { ours: {}, theirs: {} };
      const local = await findOurLevel({ tx: page.tx, ctx: page.call.ctx }, localId);
      return { ours: { level: local?.level ?? 0 }, theirs: { level: record.level } };
    }
    case 'purchase_order':
      return {
        ours: { received: pieces(await listReceived(page.tx, localId)) },
        theirs: { received: pieces(receivedThere(record, page.book)) },
      };
  }
}

/** Nothing received of a variant and no word of it are the same. */
const pieces = (received: Record<string, number>): Fields =>
  Object.fromEntries(Object.entries(received).filter(([, count]) => count !== 0));

function sidesOfOrder(
  { book, orders, call }: Page,
  record: Extract<DnRecord, { kind: 'order' }>,
  localId: string,
): Sides {
  const state = orders.get(localId);
  if (!state) return null;
  const ours = orderFields(state);
  const wanted = refsOf(record);
  const unmapped = wanted.filter(({ kind, dnId }) => !isMapped(book.get(bookKey(kind, dnId))));
  const status = book.get(bookKey('status', record.status))?.local_code;
  const customerId = book.get(bookKey('customer', record.customer.dn_id))?.local_id;
  if (unmapped.length > 0 || !status || !customerId) {
    return {
      ours,
      theirs: {},
      error: waitsFor({ options: { dryRun: false, createMissing: [] } }, book, wanted).error ?? null,
    };
  }
  const projected = projectOrder(record, book, { customerId, status, currency: call.connection.currency });
  if ('code' in projected) return { ours, theirs: {}, error: { code: projected.code, message: projected.message } };
  return { ours, theirs: orderFields(projected.order) };
}

function sidesOfProduct(
  { book, variants }: Page,
  record: Extract<DnRecord, { kind: 'product' }>,
  { id: _, ...local }: ProductRow,
): Sides {
  const { fields, variants: given } = projectProduct(record, '');
  const ours: Record<string, unknown> = { ...local };
  const theirs: Record<string, unknown> = { ...fields };
  for (const { wanted, fields: variant } of given) {
    const map = book.get(bookKey('variant', wanted.dnId));
    if (map?.state === 'ignored') continue;
    const row = variants.get(map?.local_id ?? '');
    const name = `variant ${wanted.dnId}`;
    ours[name] = row ? { sku: row.sku, option_values: row.option_values, cost: row.cost } : null;
    theirs[name] = { ...variant, cost: variant.cost ?? row?.cost ?? null };
  }
  return { ours, theirs };
}
