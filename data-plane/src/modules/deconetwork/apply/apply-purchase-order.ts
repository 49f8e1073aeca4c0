import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { DnPurchaseOrderRecord } from '@platen/schema/contracts/internal/deconetwork';
import type { Told, Work } from './call.js';
import { bookKey, type MapBook, type MapRow, noteApplied } from './maps-repo.js';
import { isSame } from './merge.js';
import { isMapped, meetAll, type Wanted, waitsFor } from './refs.js';

export type PurchaseOrderWork = Work<DnPurchaseOrderRecord>;

const wantedPurchaseOrder = (record: DnPurchaseOrderRecord): Wanted => ({
  kind: 'purchase_order',
  dnId: record.dn_id,
  label: [record.dn_id, record.vendor, record.reference].filter((text) => text).join(', '),
  detail: {},
});
const wantedVariant = (line: DnPurchaseOrderRecord['lines'][number]): Wanted[] =>
  line.variant_dn_id === null
    ? []
    : [{ kind: 'variant', dnId: line.variant_dn_id, label: line.sku ?? line.variant_dn_id, detail: { sku: line.sku } }];
export const wantedByPurchaseOrder = (record: DnPurchaseOrderRecord): Wanted[] => [
  wantedPurchaseOrder(record),
  ...record.lines.flatMap(wantedVariant),
];

const selectReceived = statement<{ variant_id: string; received: number }>(
  'dn_apply.list_received',
  `select l.variant_id, trunc(sum(l.received_quantity))::bigint as received from erp_purchase_order_lines l
   where l.purchase_order_id = $1::uuid group by l.variant_id order by l.variant_id`,
  { parse: { received: 'int' } },
);
export const listReceived = async (tx: Pick<Tx, 'query'>, id: string): Promise<Record<string, number>> =>
  Object.fromEntries((await tx.query(selectReceived, [id])).map((row) => [row.variant_id, row.received]));

/** Pieces that the site says have come, by our variants. */
export function receivedThere(record: DnPurchaseOrderRecord, book: MapBook): Record<string, number> {
  const received: Record<string, number> = {};
  for (const line of record.lines) {
    const id = line.variant_dn_id === null ? null : book.get(bookKey('variant', line.variant_dn_id))?.local_id;
    if (id) received[id] = (received[id] ?? 0) + line.received;
  }
  return received;
}

/**
 * Purchase orders are never made by an import, and nothing is received by one: a receipt is somebody's count. What the
 * site has received and we have not, or the other way about, is for a person to see.
 */
export async function applyPurchaseOrder(
  work: PurchaseOrderWork,
  own: MapRow | undefined,
  book: MapBook,
): Promise<Told> {
  const { record, tx, hash } = work;
  const wanted = wantedByPurchaseOrder(record);
  await meetAll(work, book, wanted);
  if (
    !isMapped(own) ||
    own.local_id === null ||
    !wanted.every((each) => isMapped(book.get(bookKey(each.kind, each.dnId))))
  ) {
    return waitsFor(work, book, wanted);
  }
  const theirs = receivedThere(record, book);
  const ours = await listReceived(tx, own.local_id);
  const open = differing(ours, theirs);
  // The lines are what a delivery of ours is told by.
  const lines = record.lines.map(({ unit_cost: _cost, ...line }) => line);
  const base = { received: theirs, lines };
  noteApplied(tx, own.id, { hash: open.length === 0 ? hash : null, modifiedAt: record.modified_at, base });
  if (open.length === 0) return null;
  const words = open.slice(0, 5).map((id) => `${theirs[id] ?? 0} there and ${ours[id] ?? 0} here of ${id}`);
  return {
    outcome: 'review',
    mapId: own.id,
    localId: own.local_id,
    before: { received: ours },
    after: { received: { ...ours, ...theirs } },
    error: { code: 'receipts_differ', message: `Received: ${words.join(', ')}`.slice(0, 500) },
  };
}

const differing = (ours: Record<string, number>, theirs: Record<string, number>): string[] =>
  [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].filter((id) => !isSame(ours[id] ?? 0, theirs[id] ?? 0));
