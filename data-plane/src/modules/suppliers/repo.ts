import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { Supplier, suppliers } from '@platen/schema/contracts/data/suppliers';
import { type ChangeRow, type JsonRow, parseChangeRow, parseJsonRow } from '../../stored-json.js';
import { listing } from '../documents/index.js';

const item = jsonSelect(Supplier, {
  id: 't.id',
  code: 't.code',
  name: 't.name',
  email: 't.email',
  currency: 't.currency',
  addresses: jsonExpression('t.addresses'),
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

export const listSuppliers = listing({
  contract: suppliers.list,
  table: 'erp_suppliers',
  item,
  filters: {},
});

const find = statement<JsonRow>(
  'supplier.find',
  `select ${item} as json, t.version from erp_suppliers t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);

export const findSupplier = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

export interface NewSupplier {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly email: string | null;
  readonly currency: string;
  readonly addresses: readonly object[];
}

// No workspace: suppliers belong to the whole organization.
const insert = statement<JsonRow>(
  'supplier.insert',
  `insert into erp_suppliers as t
     (tenant_id, organization_id, id, code, name, email, currency, addresses)
   values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7, $8::jsonb)
   returning ${item} as json, t.version`,
  { parse: parseJsonRow },
);

export const insertSupplier = async (db: Queryable, row: NewSupplier): Promise<JsonRow | undefined> =>
  (
    await db.query(insert, [
      row.tenantId,
      row.organizationId,
      row.id,
      row.code,
      row.name,
      row.email,
      row.currency,
      JSON.stringify(row.addresses),
    ])
  )[0];

const lockCurrency = statement<{ currency: string }>(
  'supplier.lock_currency',
  'select currency from erp_suppliers where id = $1::uuid for update',
);
const selectTerms = statement<{ found: string }>(
  'supplier.has_terms',
  'select 1 as found from erp_supplier_variants where supplier_id = $1::uuid limit 1',
);

/** Would this currency give costs that are kept in the present one another meaning? Whoever writes such a cost holds the row too. */
export async function isBoundToCurrency(tx: Tx, id: string, currency: string): Promise<boolean> {
  const [[supplier], terms] = await Promise.all([tx.query(lockCurrency, [id]), tx.query(selectTerms, [id])]);
  return supplier !== undefined && supplier.currency !== currency && terms.length > 0;
}

/** Columns to change, under their own names; absent ones stay. */
export interface SupplierPatch {
  readonly code?: string;
  readonly name?: string;
  readonly email?: string | null;
  readonly currency?: string;
  readonly addresses?: readonly object[];
}

const update = statement<ChangeRow>(
  'supplier.update',
  `with found as (select t.id, t.version from erp_suppliers t where t.id = $1::uuid),
   changed as (
     update erp_suppliers t
     set (code, name, email, currency, addresses) =
         (select n.code, n.name, n.email, n.currency, n.addresses
          from jsonb_populate_record(t, $3::jsonb) n),
       version = t.version + 1, updated_at = now()
     where t.id = $1::uuid and ($2::int is null or t.version = $2::int)
     returning ${item} as json, t.version
   )
   select found.version as version_before, changed.json, changed.version from found left join changed on true`,
  { parse: parseChangeRow },
);

export const updateSupplier = async (
  db: Queryable,
  id: string,
  ifMatch: number | null,
  patch: SupplierPatch,
): Promise<ChangeRow | undefined> => (await db.query(update, [id, ifMatch, JSON.stringify(patch)]))[0];
