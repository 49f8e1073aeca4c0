import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { type FileOwnerKind, files, StoredFile } from '@platen/schema/contracts/data/files';

const item = jsonSelect(StoredFile, {
  id: 't.id',
  file_name: 't.file_name',
  media_type: 't.media_type',
  byte_size: 't.byte_size',
  sha256: 't.sha256',
  image_width: 't.image_width',
  image_height: 't.image_height',
  has_thumbnail: jsonExpression(`(t.thumbnail_key is not null)::text`),
  owner_kind: 't.owner_kind',
  owner_id: 't.owner_id',
  uploaded_by: 't.uploaded_by',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

/** Newest first. */
export const filePage = definePage({
  contract: files.list,
  item,
  key: 't.id::text',
  rows: `select t.* from erp_files t where t.id < $2::uuid and t.deleted_at is null order by t.id desc`,
  start: lastId,
});

/** Those of one owner, newest first. Filters: kind and id. */
export const ownedFilePage = definePage({
  contract: files.list,
  variant: 'owned',
  item,
  key: 't.id::text',
  rows: `select t.* from erp_files t
    where t.owner_kind = $3 and t.owner_id = $4::uuid and t.id < $2::uuid and t.deleted_at is null order by t.id desc`,
  start: lastId,
});

const find = statement<{ json: string }>(
  'file.find',
  `select ${item} as json from erp_files t where t.id = $1::uuid and t.deleted_at is null`,
);
export const findFile = async (db: Queryable, id: string): Promise<string | undefined> =>
  (await db.query(find, [id]))[0]?.json;

/** What it takes to send a file. */
export interface FileContent {
  readonly storage_key: string;
  readonly thumbnail_key: string | null;
  readonly file_name: string;
  readonly media_type: string;
  readonly byte_size: number;
  readonly sha256: string;
  readonly owner_kind: FileOwnerKind | null;
  readonly owner_id: string | null;
}
const findContent = statement<FileContent>(
  'file.content',
  `select storage_key, thumbnail_key, file_name, media_type, byte_size, sha256, owner_kind, owner_id
   from erp_files where id = $1::uuid and deleted_at is null`,
  { parse: { byte_size: 'int' } },
);
export const findFileContent = async (db: Queryable, id: string): Promise<FileContent | undefined> =>
  (await db.query(findContent, [id]))[0];

export interface NewFile {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly workspaceId: string | null;
  readonly id: string;
  readonly storageKey: string;
  readonly thumbnailKey: string | null;
  readonly fileName: string;
  readonly mediaType: string;
  readonly byteSize: number;
  readonly sha256: string;
  readonly imageWidth: number | null;
  readonly imageHeight: number | null;
  readonly ownerKind: string | null;
  readonly ownerId: string | null;
  readonly uploadedBy: string;
}

const insert = statement<{ json: string }>(
  'file.insert',
  `insert into erp_files as t
     (tenant_id, organization_id, workspace_id, id, storage_key, thumbnail_key, file_name, media_type, byte_size, sha256,
      image_width, image_height, owner_kind, owner_id, uploaded_by)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6, $7, $8, $9::bigint, $10, $11::int, $12::int, $13, $14::uuid,
     $15::uuid)
   returning ${item} as json`,
);
export async function insertFile(tx: Tx, row: NewFile): Promise<string> {
  const [inserted] = await tx.query(insert, [
    row.tenantId,
    row.organizationId,
    row.workspaceId,
    row.id,
    row.storageKey,
    row.thumbnailKey,
    row.fileName,
    row.mediaType,
    row.byteSize,
    row.sha256,
    row.imageWidth,
    row.imageHeight,
    row.ownerKind,
    row.ownerId,
    row.uploadedBy,
  ]);
  if (!inserted) throw new Error('An insert returned nothing');
  return inserted.json;
}

/** A file on its way out: hidden, its bytes perhaps still there. */
export interface MarkedFile {
  readonly id: string;
  readonly storage_key: string;
  readonly thumbnail_key: string | null;
}

const take = statement<{ row: string }>(
  'file.take',
  `delete from erp_files t where t.id = $1::uuid returning to_jsonb(t)::text as row`,
);
const putBack = statement<MarkedFile>(
  'file.put-back',
  `insert into erp_files
   select (jsonb_populate_record(null::erp_files,
     $1::jsonb || jsonb_build_object('deleted_at', coalesce($1::jsonb ->> 'deleted_at', now()::text)))).*
   returning id, storage_key, thumbnail_key`,
);

/**
 * Marks a file, or finds the mark that is there. The row is deleted and put back: its deletion makes the foreign keys
 * look at every row that refers to it, those that row-level security hides from the caller too, and waits for those
 * that are being written.
 * @throws DatabaseError foreignKeyViolation: something refers to it
 */
export async function markFile(tx: Tx, id: string): Promise<MarkedFile | undefined> {
  const [taken] = await tx.query(take, [id]);
  if (!taken) return undefined;
  const [marked] = await tx.query(putBack, [taken.row]);
  return marked;
}

const listMarked = statement<MarkedFile>(
  'file.list-marked',
  `select id, storage_key, thumbnail_key from erp_files where deleted_at < $1::timestamptz order by id limit 500`,
);
export const listMarkedFiles = (db: Queryable, before: Date): Promise<MarkedFile[]> => db.query(listMarked, [before]);

// Whoever deletes the row gives its bytes back: nobody else does, and nobody does it twice.
const remove = statement<never>(
  'file.delete',
  `with gone as (
     delete from erp_files where id = $1::uuid and deleted_at is not null returning tenant_id, byte_size
   )
   update usage_counters u set used = greatest(0, u.used - gone.byte_size), updated_at = now()
   from gone where u.tenant_id = gone.tenant_id and u.limit_code = 'storage_bytes' and u.period = 'all'`,
);
export const deleteMarkedFile = (db: Queryable, id: string): Promise<unknown> => db.query(remove, [id]);

interface Keys {
  readonly storage_key: string;
  readonly thumbnail_key: string | null;
}
const listKeys = statement<Keys>(
  'file.list-keys',
  'select storage_key, thumbnail_key from erp_files where id = any($1::uuid[])',
);
/** The objects that belong to these files of the scope, marked ones too. */
export const listFileKeys = async (db: Queryable, ids: readonly string[]): Promise<Set<string>> =>
  new Set((await db.query(listKeys, [ids])).flatMap((row) => [row.storage_key, row.thumbnail_key ?? row.storage_key]));
