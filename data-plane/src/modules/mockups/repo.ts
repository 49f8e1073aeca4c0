import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';

/** A file as a mockup needs to know it. */
export interface SourceFile {
  readonly file_id: string;
  readonly sha256: string;
  readonly media_type: string;
  readonly byte_size: number;
}

interface Found extends Partial<SourceFile> {
  readonly code: string;
  readonly name: string;
}
export interface FoundDesign extends Found {}
export interface FoundProduct extends Found {
  /** undefined: the product has no such picture. */
  readonly image_id?: string;
}

// Read under row-level security; ids only that the caller sees. A file on its way out is none.
const fileJson = (file: string) => `jsonb_build_object(
  'file_id', ${file}.id, 'sha256', ${file}.sha256, 'media_type', ${file}.media_type, 'byte_size', ${file}.byte_size)`;

const findDesign = statement<{ found: FoundDesign }>(
  'mockup.find_design',
  `select jsonb_build_object('code', d.code, 'name', d.name) || coalesce((
     select ${fileJson('f')} from erp_files f where f.id = d.file_id and f.deleted_at is null
   ), '{}') as found
   from erp_designs d where d.id = $1::uuid`,
  { parse: { found: 'json' } },
);
export const findMockupDesign = async (db: Queryable, id: string): Promise<FoundDesign | undefined> =>
  (await db.query(findDesign, [id]))[0]?.found;

const findProduct = statement<{ found: FoundProduct }>(
  'mockup.find_product',
  `select jsonb_build_object('code', p.code, 'name', p.name) || coalesce((
     select jsonb_build_object('image_id', i.id) || coalesce((
       select ${fileJson('f')} from erp_files f where f.id = i.file_id and f.deleted_at is null
     ), '{}')
     from erp_product_images i where i.product_id = p.id and ($2::uuid is null or i.id = $2::uuid)
     order by i.position, i.id limit 1
   ), '{}') as found
   from erp_products p where p.id = $1::uuid`,
  { parse: { found: 'json' } },
);
/** With one of its pictures; null: its first. */
export const findMockupProduct = async (
  db: Queryable,
  id: string,
  imageId: string | null,
): Promise<FoundProduct | undefined> => (await db.query(findProduct, [id, imageId]))[0]?.found;
