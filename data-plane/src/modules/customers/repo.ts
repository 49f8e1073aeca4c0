import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { Customer, customers } from '@platen/schema/contracts/data/customers';
import { type ChangeRow, type JsonRow, parseChangeRow, parseJsonRow } from '../../stored-json.js';
import { listing } from '../documents/index.js';

const item = jsonSelect(Customer, {
  id: 't.id',
  code: 't.code',
  name: 't.name',
  email: 't.email',
  customer_group: 't.customer_group',
  tax_exempt: 't.tax_exempt',
  currency: 't.currency',
  addresses: jsonExpression('t.addresses'),
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

export const listCustomers = listing({
  contract: customers.list,
  table: 'erp_customers',
  item,
  filters: { customer_group: 'text' },
});

const find = statement<JsonRow>(
  'customer.find',
  `select ${item} as json, t.version from erp_customers t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);

export const findCustomer = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

/** The fields that come from elsewhere, held still: for who changes them by what they are. */
export interface LockedCustomer {
  readonly name: string;
  readonly email: string | null;
  readonly addresses: readonly object[];
  readonly version: number;
}
const lock = statement<LockedCustomer>(
  'customer.lock',
  'select t.name, t.email, t.addresses, t.version from erp_customers t where t.id = $1::uuid for no key update',
  { parse: { addresses: 'json', version: 'int' } },
);
export const lockCustomer = async (tx: Tx, id: string): Promise<LockedCustomer | undefined> =>
  (await tx.query(lock, [id]))[0];

export interface NewCustomer {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly email: string | null;
  readonly customerGroup: string | null;
  readonly taxExempt: boolean;
  readonly currency: string;
  readonly addresses: readonly object[];
}

// No workspace: customers belong to the whole organization.
const insert = statement<JsonRow>(
  'customer.insert',
  `insert into erp_customers as t
     (tenant_id, organization_id, id, code, name, email, customer_group, tax_exempt, currency, addresses)
   values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7, $8::boolean, $9, $10::jsonb)
   returning ${item} as json, t.version`,
  { parse: parseJsonRow },
);

export const insertCustomer = async (db: Queryable, row: NewCustomer): Promise<JsonRow | undefined> =>
  (
    await db.query(insert, [
      row.tenantId,
      row.organizationId,
      row.id,
      row.code,
      row.name,
      row.email,
      row.customerGroup,
      row.taxExempt,
      row.currency,
      JSON.stringify(row.addresses),
    ])
  )[0];

/** Columns to change, under their own names; absent ones stay. */
export interface CustomerPatch {
  readonly code?: string;
  readonly name?: string;
  readonly email?: string | null;
  readonly customer_group?: string | null;
  readonly tax_exempt?: boolean;
  readonly currency?: string;
  readonly addresses?: readonly object[];
}

const update = statement<ChangeRow>(
  'customer.update',
  `with found as (select t.id, t.version from erp_customers t where t.id = $1::uuid),
   changed as (
     update erp_customers t
     set (code, name, email, customer_group, tax_exempt, currency, addresses) =
         (select n.code, n.name, n.email, n.customer_group, n.tax_exempt, n.currency, n.addresses
          from jsonb_populate_record(t, $3::jsonb) n),
       version = t.version + 1, updated_at = now()
     where t.id = $1::uuid and ($2::int is null or t.version = $2::int)
     returning ${item} as json, t.version
   )
   select found.version as version_before, changed.json, changed.version from found left join changed on true`,
  { parse: parseChangeRow },
);

export const updateCustomer = async (
  db: Queryable,
  id: string,
  ifMatch: number | null,
  patch: CustomerPatch,
): Promise<ChangeRow | undefined> => (await db.query(update, [id, ifMatch, JSON.stringify(patch)]))[0];
