import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { fileOwnerKinds } from '../../contracts/data/files.js';
import { id, instant, oneOf, owner, sha256, stamps } from '../columns.js';

/** What was uploaded. The bytes lie in the storage under keys made by us; a row is written once they are all there. */
export const erpFiles = pgTable(
  'erp_files',
  {
    ...owner(),
    id: id(),
    storage_key: text().notNull(),
    file_name: text().notNull(),
    /** By its content, not by what the client said. */
    media_type: text().notNull(),
    byte_size: bigint({ mode: 'number' }).notNull(),
    sha256: sha256().notNull(),
    /** Of pictures, in pixels. */
    image_width: integer(),
    image_height: integer(),
    /** A small copy of a picture. */
    thumbnail_key: text(),
    /** The document it belongs to; null: nothing yet. */
    owner_kind: text(),
    owner_id: uuid(),
    uploaded_by: uuid().notNull(),
    /** Hidden from here on; the row goes once the bytes are gone. */
    deleted_at: instant(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_files_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_files_storage_key').on(t.tenant_id, t.organization_id, t.storage_key),
    index('erp_files_owner_idx').on(t.tenant_id, t.organization_id, t.owner_kind, t.owner_id, t.id),
    index('erp_files_created_idx').on(t.tenant_id, t.organization_id, t.created_at, t.id),
    oneOf('erp_files', t.owner_kind, fileOwnerKinds),
    check('erp_files_byte_size_check', sql`byte_size >= 0`),
  ],
);
