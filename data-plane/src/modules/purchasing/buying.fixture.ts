import type { Teardown } from '@platen/chassis/testkit/database';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import type { PurchaseBill } from '@platen/schema/contracts/data/purchase-bills';
import type { PurchaseOrder } from '@platen/schema/contracts/data/purchase-orders';
import type { PurchaseReceipt } from '@platen/schema/contracts/data/purchase-receipts';
import type { PermissionCode } from '@platen/schema/permissions';
import type { Static } from 'typebox';
import { v7 } from 'uuid';
import { type NewOrder, orderBasket } from '../../test/orders.fixture.js';
import { type CtxOptions, openSales, read, type Sales, userId } from '../../test/sales.fixture.js';
import { withStock } from '../../test/stock.fixture.js';
import type { TenantCtx } from '../module.js';
import { createSupplierService } from '../suppliers/service.js';
import { createPurchaseBillService } from './bills/service.js';
import { createPurchaseMatchService } from './match/service.js';
import { createPurchaseOrderService } from './orders/service.js';
import { createPurchaseReceiptService } from './receipts/service.js';
import { createPurchaseSuggestionService } from './suggestions/service.js';
import { createSupplierVariantService } from './supplier-variants/service.js';

export type PurchaseOrderBody = Static<typeof PurchaseOrder>;
export type ReceiptBody = { receipt: Static<typeof PurchaseReceipt>; purchase_order: PurchaseOrderBody };
export type BillBody = { bill: Static<typeof PurchaseBill>; purchase_order: PurchaseOrderBody };

/** Somebody else than the one who submits. */
export const managerId = v7();
export interface BuyerOptions extends CtxOptions {
  readonly by?: string;
  readonly lacks?: readonly PermissionCode[];
  readonly hasStock?: boolean;
}
export const eur = (amount: string) => ({ amount, currency: 'EUR' });

/** The services of purchasing over a seeded shop that keeps stock. */
export async function openBuying(t: Teardown) {
  const sales = await openSales(t, 1);
  const { cursors, organization } = sales;
  const withTolerance = (percent: string) => {
    const settings = { ...organization.settings, purchase_order_prefix: 'PO', receipt_tolerance_percent: percent };
    return { cursors, findOrganization: () => ({ ...organization, settings }) };
  };
  const deps = withTolerance('0');
  const ctxOf = ({ by = userId, lacks = [], hasStock = true, ...options }: BuyerOptions = {}): TenantCtx => {
    const ctx = sales.ctxOf(options);
    const principal = {
      kind: 'user' as const,
      id: by,
      sessionId: null,
      has: (code: PermissionCode) => !lacks.includes(code),
    };
    return hasStock ? withStock({ ...ctx, principal }) : { ...ctx, principal };
  };
  const suppliers = createSupplierService(deps);
  const terms = createSupplierVariantService(deps);
  const purchaseOrders = createPurchaseOrderService(deps);
  const basket = await copyCatalogue(sales, await orderBasket(sales));
  const [m, l, hoodie] = basket.lines.flatMap(({ sizes }) => sizes.map(({ variant_id }) => variant_id)) as [
    string,
    string,
    string,
  ];
  const newSupplier = async (code: string, currency = 'EUR') =>
    read<{ id: string }>(await suppliers.create(ctxOf(), { code, name: code, currency })).id;
  const supplierId = await newSupplier('blanks-direct');
  const draft = async (quantities: Readonly<Record<string, string>>, unitCost = '2.50') => {
    const lines = Object.entries(quantities).map(([variant_id, quantity]) => ({
      variant_id,
      quantity,
      unit_cost: eur(unitCost),
    }));
    return read<PurchaseOrderBody>(await purchaseOrders.create(ctxOf(), { supplier_id: supplierId, lines }));
  };
  return {
    sales,
    ctxOf,
    suppliers,
    terms,
    purchaseOrders,
    receipts: createPurchaseReceiptService(deps),
    receiptsWithin: (percent: string) => createPurchaseReceiptService(withTolerance(percent)),
    bills: createPurchaseBillService(deps),
    match: createPurchaseMatchService(),
    suggestions: createPurchaseSuggestionService(deps),
    basket,
    /** Two sizes of a shirt, one of a hoodie. */
    variants: { m, l, hoodie },
    supplierId,
    newSupplier,
    draft,
    async approved(quantities: Readonly<Record<string, string>>, unitCost?: string): Promise<PurchaseOrderBody> {
      const { id } = await draft(quantities, unitCost);
      await purchaseOrders.submit(ctxOf(), id);
      return read(await purchaseOrders.approve(ctxOf({ by: managerId }), id));
    },
  };
}

/** The basket of products of its own, like those that were seeded: nothing of them is in stock, or asked for by others. */
async function copyCatalogue({ db }: Sales, basket: NewOrder): Promise<NewOrder> {
  const copies = new Map<string, string>();
  const copyOf = (id: string) => copies.get(id) ?? copies.set(id, v7()).get(id) ?? id;
  const lines = basket.lines.map(({ product_id, sizes }) => ({
    product_id: copyOf(product_id),
    sizes: sizes.map(({ variant_id, quantity }) => ({ variant_id: copyOf(variant_id), quantity })),
  }));
  const copy = (table: string, code: string) =>
    `insert into ${table} select (jsonb_populate_record(t, jsonb_build_object('id', made.copy, '${code}', made.copy) || made.more)).*
     from ${table} t join unnest($1::uuid[], $2::text[], $3::jsonb[]) as made (id, copy, more) on made.id = t.id`;
  await asSuperuser(db.superuserUrl, async (client) => {
    for (const { product_id, sizes } of basket.lines) {
      await client.query(copy('erp_products', 'code'), [[product_id], [copyOf(product_id)], ['{}']]);
      const more = JSON.stringify({ product_id: copyOf(product_id) });
      const ids = sizes.map(({ variant_id }) => variant_id);
      await client.query(copy('erp_product_variants', 'sku'), [ids, ids.map(copyOf), ids.map(() => more)]);
    }
  });
  return { ...basket, lines };
}
