import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { SupplierVariant, supplierVariants } from '@platen/schema/contracts/data/supplier-variants';
import { type ChangeRow, type JsonRow, parseChangeRow, parseJsonRow } from '../../../stored-json.js';
import { listing } from '../../documents/index.js';

/** Over a row of erp_supplier_variants as `t`, whose currency is its supplier's. */
const itemOf = (currency: string): string =>
  jsonSelect(SupplierVariant, {
    id: 't.id',
    supplier_id: 't.supplier_id',
    variant_id: 't.variant_id',
    sku: 't.sku',
    cost: { amount: 't.cost', currency },
    lead_days: 't.lead_days',
    version: 't.version',
    created_at: 't.created_at',
    updated_at: 't.updated_at',
  });
const item = itemOf('(select s.currency from erp_suppliers s where s.id = t.supplier_id)');

export const listSupplierVariants = listing({
  contract: supplierVariants.list,
  table: 'erp_supplier_variants',
  item,
  filters: { supplier_id: 'uuid', variant_id: 'uuid' },
});

const find = statement<JsonRow>(
  'supplier_variant.find',
  `select ${item} as json, t.version from erp_supplier_variants t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);

export const findSupplierVariant = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

export interface NewSupplierVariant {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly id: string;
  readonly supplierId: string;
  readonly variantId: string;
  readonly sku: string | null;
  readonly cost: string;
  readonly currency: string;
  readonly leadDays: number;
}
interface InsertedRow {
  /** null: no such supplier. */
  readonly currency: string | null;
  readonly has_variant: boolean;
  readonly json: string | null;
  readonly version: number | null;
}

// Both are read under row-level security: their foreign keys would also take what the caller cannot see. The supplier is
// held, so that the currency is not another one once the cost is there. No workspace: a supplier's terms are the whole
// organization's.
const insert = statement<InsertedRow>(
  'supplier_variant.insert',
  `with supplier as (select s.id, s.currency from erp_suppliers s where s.id = $4::uuid for share),
   variant as (select v.id from erp_product_variants v where v.id = $5::uuid),
   t as (
     insert into erp_supplier_variants (tenant_id, organization_id, id, supplier_id, variant_id, sku, cost, lead_days)
     select $1::uuid, $2::uuid, $3::uuid, supplier.id, variant.id, $6::text, $7::numeric, $8::int
     from supplier, variant where supplier.currency = $9::text
     returning *
   )
   select supplier.currency, variant.id is not null as has_variant, t.version,
     case when t.id is not null then ${itemOf('supplier.currency')} end as json
   from (select) one left join supplier on true left join variant on true left join t on true`,
  { parse: { has_variant: 'bool', version: 'int' } },
);

export async function insertSupplierVariant(db: Queryable, row: NewSupplierVariant): Promise<InsertedRow> {
  const [inserted] = await db.query(insert, [
    row.tenantId,
    row.organizationId,
    row.id,
    row.supplierId,
    row.variantId,
    row.sku,
    row.cost,
    row.leadDays,
    row.currency,
  ]);
  if (!inserted) throw new Error('a select without a table answers one row');
  return inserted;
}

/** Columns to change, under their own names; absent ones stay. */
export interface SupplierVariantPatch {
  readonly sku?: string | null;
  readonly cost?: string;
  readonly lead_days?: number;
}
export interface PatchedRow extends ChangeRow {
  readonly currency: string;
}

const update = statement<PatchedRow>(
  'supplier_variant.update',
  `with found as (
     select t.id, t.version, s.currency from erp_supplier_variants t join erp_suppliers s on s.id = t.supplier_id
     where t.id = $1::uuid for share of s
   ),
   changed as (
     update erp_supplier_variants t
     set (sku, cost, lead_days) = (select n.sku, n.cost, n.lead_days from jsonb_populate_record(t, $3::jsonb) n),
       version = t.version + 1, updated_at = now()
     from found
     where t.id = found.id and ($2::int is null or t.version = $2::int)
       and ($4::text is null or found.currency = $4::text)
     returning ${itemOf('found.currency')} as json, t.version
   )
   select found.version as version_before, found.currency, changed.json, changed.version
   from found left join changed on true`,
  { parse: parseChangeRow },
);

/** `currency`: of the patch's cost, null without one. */
export const updateSupplierVariant = async (
  db: Queryable,
  id: string,
  ifMatch: number | null,
  patch: SupplierVariantPatch,
  currency: string | null,
): Promise<PatchedRow | undefined> => (await db.query(update, [id, ifMatch, JSON.stringify(patch), currency]))[0];

const remove = statement<{ id: string }>(
  'supplier_variant.delete',
  'delete from erp_supplier_variants where id = $1::uuid returning id',
);
export const deleteSupplierVariant = async (db: Queryable, id: string): Promise<boolean> =>
  (await db.query(remove, [id])).length > 0;
