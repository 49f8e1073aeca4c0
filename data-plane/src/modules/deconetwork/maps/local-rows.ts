import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Statement } from '@platen/chassis/db/types';
import type { DnMapKind } from '@platen/schema/states/deconetwork';

/** What a record may be here: every kind but a status, which is a word. */
export const localTables = {
  product: 'erp_products',
  variant: 'erp_product_variants',
  customer: 'erp_customers',
  order: 'erp_orders',
  purchase_order: 'erp_purchase_orders',
} as const satisfies Record<Exclude<DnMapKind, 'status'>, string>;
export type LocalKind = keyof typeof localTables;

export const isLocalKind = (kind: DnMapKind): kind is LocalKind => kind !== 'status';

const statementOf = (kind: LocalKind) =>
  statement<{ id: string }>(`dn_map.find_${kind}`, `select id from ${localTables[kind]} where id = $1::uuid`);
const finds: Readonly<Record<LocalKind, Statement<{ id: string }>>> = {
  product: statementOf('product'),
  variant: statementOf('variant'),
  customer: statementOf('customer'),
  order: statementOf('order'),
  purchase_order: statementOf('purchase_order'),
};

/** Under row-level security, which a foreign key would not ask. */
export const isLocalRow = async (db: Queryable, kind: LocalKind, id: string): Promise<boolean> =>
  (await db.query(finds[kind], [id])).length > 0;
