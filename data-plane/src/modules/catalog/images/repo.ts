import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { definePage } from '@platen/chassis/http/paging';
import { ProductImage, productImages } from '@platen/schema/contracts/data/product-images';
import { type ChangeRow, parseChangeRow } from '../../../stored-json.js';
import { adoptFileSql } from '../../files/index.js';

const item = jsonSelect(ProductImage, {
  id: 't.id',
  product_id: 't.product_id',
  file_id: 't.file_id',
  alt: 't.alt',
  position: 't.position',
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

/** Filter: product. */
export const imagePage = definePage({
  contract: productImages.list,
  item,
  key: `concat(t.position, ' ', t.id)`,
  rows: `select t.* from erp_product_images t
    where t.product_id = $3::uuid and (t.position, t.id) > (split_part($2, ' ', 1)::int, split_part($2, ' ', 2)::uuid)
    order by t.position, t.id`,
  start: '-1 00000000-0000-0000-0000-000000000000',
});

export interface NewImage {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly id: string;
  readonly productId: string;
  readonly fileId: string;
  readonly alt: string;
  /** null: behind the others. */
  readonly position: number | null;
}

interface AttachedRow {
  /** null: no such file. */
  readonly media_type: string | null;
  readonly json: string | null;
  readonly version: number | null;
}

// The file is read under row-level security: its foreign key would also take what the caller cannot see.
const insert = statement<AttachedRow>(
  'product_image.insert',
  `with product as (select p.id from erp_products p where p.id = $4::uuid for no key update),
   file as (select f.id, f.media_type from erp_files f where f.id = $5::uuid and f.deleted_at is null for key share),
   t as (
     insert into erp_product_images (tenant_id, organization_id, id, product_id, file_id, alt, position)
     select $1::uuid, $2::uuid, $3::uuid, product.id, file.id, $6::text,
       coalesce($7::int, (select least(i.position, 999999) + 1 from erp_product_images i where i.product_id = $4::uuid
         order by i.position desc limit 1), 0)
     from product, file where starts_with(file.media_type, 'image/')
     returning *
   ),
   ${adoptFileSql('product', 'select t.product_id as owner_id, t.file_id, t.workspace_id from t')}
   select file.media_type, t.version, case when t.id is not null then ${item} end as json
   from product left join file on true left join t on true`,
  { parse: { version: 'int' } },
);

/** undefined: no such product. */
export const insertImage = async (db: Queryable, row: NewImage): Promise<AttachedRow | undefined> =>
  (
    await db.query(insert, [row.tenantId, row.organizationId, row.id, row.productId, row.fileId, row.alt, row.position])
  )[0];

const update = statement<ChangeRow>(
  'product_image.update',
  `with found as (
     select t.id, t.version from erp_product_images t where t.product_id = $1::uuid and t.id = $2::uuid
   ),
   changed as (
     update erp_product_images t
     set (alt, position) = (select n.alt, n.position from jsonb_populate_record(t, $4::jsonb) n),
       version = t.version + 1, updated_at = now()
     from found
     where t.id = found.id and ($3::int is null or t.version = $3::int)
     returning ${item} as json, t.version
   )
   select found.version as version_before, changed.json, changed.version from found left join changed on true`,
  { parse: parseChangeRow },
);

export const updateImage = async (
  db: Queryable,
  productId: string,
  id: string,
  ifMatch: number | null,
  patch: { readonly alt?: string; readonly position?: number },
): Promise<ChangeRow | undefined> => (await db.query(update, [productId, id, ifMatch, JSON.stringify(patch)]))[0];

const lockProduct = statement<{ id: string }>(
  'product_image.lock_product',
  'select id from erp_products where id = $1::uuid for no key update',
);
/** Who adds and who reorders pictures of one product take turns. */
export const lockProductForImages = async (db: Queryable, productId: string): Promise<boolean> =>
  (await db.query(lockProduct, [productId])).length > 0;

const reorder = statement<{ all: boolean }>(
  'product_image.reorder',
  `with wanted as (select id, place - 1 as place from unnest($2::uuid[]) with ordinality w(id, place)),
   verdict as (
     select not exists (
       select from (select id from erp_product_images where product_id = $1::uuid) i full join wanted using (id)
       where i.id is null or wanted.id is null) as all
   ),
   moved as (
     update erp_product_images t set position = wanted.place, version = t.version + 1, updated_at = now()
     from wanted, verdict
     where verdict.all and t.product_id = $1::uuid and t.id = wanted.id and t.position <> wanted.place
   )
   select verdict.all from verdict`,
  { parse: { all: 'bool' } },
);

/** false: these are not the pictures of the product, each once. */
export const reorderImages = async (db: Queryable, productId: string, ids: readonly string[]): Promise<boolean> =>
  (await db.query(reorder, [productId, ids]))[0]?.all ?? false;

const remove = statement<{ id: string }>(
  'product_image.delete',
  'delete from erp_product_images where product_id = $1::uuid and id = $2::uuid returning id',
);
export const deleteImage = async (db: Queryable, productId: string, id: string): Promise<boolean> =>
  (await db.query(remove, [productId, id])).length > 0;
