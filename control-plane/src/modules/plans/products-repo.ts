import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';

export interface ProductRow {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly position: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}
const columns = 'id, code, name, position, created_at, updated_at';
const parse = { position: 'int', created_at: 'date', updated_at: 'date' } as const;

const list = statement<ProductRow>(
  'products_list',
  `select ${columns} from platform_products order by position, code`,
  {
    parse,
  },
);
const find = statement<ProductRow>('products_find', `select ${columns} from platform_products where id = $1`, {
  parse,
});
const lock = statement<ProductRow>(
  'products_lock',
  `select ${columns} from platform_products where id = $1 for no key update`,
  { parse },
);
const update = statement<ProductRow>(
  'products_update',
  `update platform_products set name = $2, position = $3, updated_at = now() where id = $1 returning ${columns}`,
  { parse },
);

export const listProducts = (db: Queryable): Promise<ProductRow[]> => db.query(list);
export const findProduct = async (db: Queryable, id: string): Promise<ProductRow | undefined> =>
  (await db.query(find, [id]))[0];
export const lockProduct = async (tx: Tx, id: string): Promise<ProductRow | undefined> =>
  (await tx.query(lock, [id]))[0];
export const updateProduct = async (
  tx: Tx,
  id: string,
  name: string,
  position: number,
): Promise<ProductRow | undefined> => (await tx.query(update, [id, name, position]))[0];

export interface ModuleRow {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly feature_flag: string | null;
}
const listOfModules = statement<ModuleRow>(
  'products_list_modules',
  'select id, code, name, feature_flag from platform_product_modules where product_id = $1 order by code',
);
export const listProductModules = (db: Queryable, productId: string): Promise<ModuleRow[]> =>
  db.query(listOfModules, [productId]);
