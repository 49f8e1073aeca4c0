import type { UploadOwnerKind } from '@platen/schema/contracts/data/files';

/**
 * SQL of a CTE that gives a file to the document that refers to it now, unless it has an owner. A file takes its owner's
 * workspace: what was uploaded in one shop for a thing of the whole organization is seen with that thing everywhere.
 *
 * @param owner SQL of a row with `owner_id`, `file_id` and `workspace_id`
 */
export const adoptFileSql = (kind: UploadOwnerKind, owner: string): string =>
  `adopted as (
     update erp_files f set owner_kind = '${kind}', owner_id = o.owner_id, workspace_id = o.workspace_id, updated_at = now()
     from (${owner}) o where f.id = o.file_id and f.owner_kind is null and f.deleted_at is null
   )`;
