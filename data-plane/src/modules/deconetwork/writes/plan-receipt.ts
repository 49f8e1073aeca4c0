import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { createChecker } from '@platen/chassis/validation/checker';
import { DnReceiptWrite } from '@platen/schema/contracts/internal/deconetwork';
import { listOpenCalls } from './calls-repo.js';
import { listVariantMaps, type WrittenMap } from './maps-repo.js';
import type { PlanCall, PlannedCall } from './plan-event.js';
import { type ArrivedVariant, type PairedReceipt, pairReceipt, siteLinesOf } from './receipt-lines.js';

const find = statement<{ purchase_order_id: string }>(
  'dn.find_received_order',
  'select purchase_order_id from erp_purchase_receipts where id = $1::uuid',
);
export const findReceivedOrder = async (db: Queryable, receiptId: string): Promise<string | undefined> =>
  (await db.query(find, [receiptId]))[0]?.purchase_order_id;

const arrived = statement<ArrivedVariant>(
  'dn.list_arrived',
  `select o.variant_id, sum(o.received_quantity)::float8 as received,
     sum(coalesce((select r.quantity from erp_purchase_receipt_lines r
       where r.receipt_id = $1::uuid and r.purchase_order_line_id = o.id), 0))::float8 as arrived,
     array_to_json(array_remove(
       (select v.sku from erp_product_variants v where v.id = o.variant_id) || array_agg(distinct o.supplier_sku), null)) as skus
   from erp_purchase_order_lines o where o.purchase_order_id = $2::uuid group by o.variant_id`,
  // Counts of pieces, which a double holds exactly.
  { parse: { received: Number, arrived: Number, skus: 'json' } },
);

const receipts = createChecker(DnReceiptWrite);

export async function pairStoredReceipt(
  tx: Tx,
  connectionId: string,
  map: WrittenMap,
  receiptId: string,
): Promise<PairedReceipt> {
  const orderId = await findReceivedOrder(tx, receiptId);
  if (orderId === undefined) return { lines: [], unknown: [] };
  const [arrivals, open] = await Promise.all([
    tx.query(arrived, [receiptId, orderId]),
    listOpenCalls(tx, connectionId, 'receipt'),
  ]);
  const onTheirWay = open.flatMap(({ map_id, request }) =>
    map_id === map.id && receipts.check(request) ? [request] : [],
  );
  const site = siteLinesOf(map, onTheirWay);
  const named = site.flatMap(({ variantDnId }) => (variantDnId === null ? [] : [variantDnId]));
  const maps = await listVariantMaps(tx, connectionId, named);
  const variantOf = new Map(maps.map(({ dn_id, local_id }) => [dn_id, local_id]));
  return pairReceipt(
    arrivals.filter((each) => each.arrived > 0),
    site,
    variantOf,
  );
}

/** A delivery in the site's words. What stands on none of its lines keeps it from being sent until somebody says so. */
export async function planReceipt(
  { tx, connection }: PlanCall,
  map: WrittenMap,
  receiptId: string,
): Promise<PlannedCall | undefined> {
  if (!connection.write_back.receipts) return undefined;
  const { lines, unknown } = await pairStoredReceipt(tx, connection.id, map, receiptId);
  const request = { po_number: map.dn_id, lines };
  if (unknown.length > 0) return { kind: 'receipt', request, error: notOnOrder(unknown) };
  return lines.length === 0 ? undefined : { kind: 'receipt', request };
}

const notOnOrder = (skus: readonly string[]) => ({
  code: 'unmapped',
  message: `On no line of the site’s purchase order: ${skus.join(', ')}`.slice(0, 500),
});
