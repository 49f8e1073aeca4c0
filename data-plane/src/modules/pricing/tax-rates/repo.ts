import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { TaxRate, taxRates } from '@platen/schema/contracts/data/tax-rates';
import { type JsonRow, parseJsonRow } from '../../../stored-json.js';

const item = jsonSelect(TaxRate, {
  id: 't.id',
  tax_class: 't.tax_class',
  name: 't.name',
  rate_percent: 't.rate_percent::text',
  valid_from: 't.valid_from',
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

/** Newest first. Filter: class or null. */
export const taxRatePage = definePage({
  contract: taxRates.list,
  item,
  key: 't.id::text',
  rows: `select t.* from erp_tax_rates t
    where t.id < $2::uuid and ($3::text is null or t.tax_class = $3::text) order by t.id desc`,
  start: lastId,
});

const find = statement<JsonRow>(
  'tax_rate.find',
  `select ${item} as json, t.version from erp_tax_rates t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);
export const findTaxRate = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

export interface LockedTaxRate {
  readonly tax_class: string;
  readonly rate_percent: string;
  readonly valid_from: string;
  readonly name: string;
  readonly version: number;
}
const lock = statement<LockedTaxRate>(
  'tax_rate.lock',
  'select tax_class, rate_percent, valid_from::text, name, version from erp_tax_rates where id = $1::uuid for update',
  { parse: { version: 'int' } },
);
export const lockTaxRate = async (tx: Tx, id: string): Promise<LockedTaxRate | undefined> =>
  (await tx.query(lock, [id]))[0];

const earlier = statement<{ id: string }>(
  'tax_rate.earlier',
  'select id from erp_tax_rates where tax_class = $1 and valid_from < $2::date and id <> $3::uuid limit 1',
);
/** Whether another rate of the class held on that day. */
export const heldBefore = async (tx: Tx, taxClass: string, day: string, exceptId: string): Promise<boolean> =>
  (await tx.query(earlier, [taxClass, day, exceptId])).length > 0;

export interface TaxRateRow {
  readonly id: string;
  readonly taxClass: string;
  readonly name: string;
  readonly ratePercent: string;
  readonly validFrom: string;
}

const insert = statement<JsonRow>(
  'tax_rate.insert',
  `insert into erp_tax_rates as t (tenant_id, organization_id, id, tax_class, name, rate_percent, valid_from)
   values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6::numeric, $7::date) returning ${item} as json, t.version`,
  { parse: parseJsonRow },
);
export async function insertTaxRate(
  tx: Tx,
  { tenantId, organizationId }: { readonly tenantId: string; readonly organizationId: string },
  { id, taxClass, name, ratePercent, validFrom }: TaxRateRow,
): Promise<JsonRow | undefined> {
  return (await tx.query(insert, [tenantId, organizationId, id, taxClass, name, ratePercent, validFrom]))[0];
}

const update = statement<JsonRow>(
  'tax_rate.update',
  `update erp_tax_rates t set tax_class = $2, name = $3, rate_percent = $4::numeric, valid_from = $5::date,
     version = version + 1, updated_at = now()
   where t.id = $1::uuid returning ${item} as json, t.version`,
  { parse: parseJsonRow },
);
export const updateTaxRate = async (tx: Tx, row: TaxRateRow): Promise<JsonRow | undefined> =>
  (await tx.query(update, [row.id, row.taxClass, row.name, row.ratePercent, row.validFrom]))[0];

const remove = statement<never>('tax_rate.delete', 'delete from erp_tax_rates where id = $1::uuid');
export const deleteTaxRate = (tx: Tx, id: string): void => tx.defer(remove, [id]);
