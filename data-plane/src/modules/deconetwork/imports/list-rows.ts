import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import type { QueryOf } from '@platen/schema/contract';
import type { dnImportJobs } from '@platen/schema/contracts/data/dn-imports';
import type { TenantCtx } from '../../module.js';
import { importRowPage, type RowFilter } from './repo.js';

/** In the order in which statements are named. */
const rowFilters: readonly RowFilter[] = ['dn_id', 'kind', 'outcome'];

/** Rows of a job that the caller has seen. */
export function listRows(
  ctx: TenantCtx,
  cursors: Cursors,
  jobId: string,
  { limit, cursor, ...given }: QueryOf<typeof dnImportJobs.rows>,
): Promise<RawJson> {
  const used = rowFilters.filter((name) => given[name] !== undefined);
  const query = { ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) };
  return readPage(slowly(ctx), cursors, importRowPage(used), query, [
    jobId,
    ...used.map((name) => given[name] ?? null),
  ]);
}

/** What differs is found out when it is asked for, of records with thousands of parts: on a connection of its own. */
export const slowly = ({ tenant, organizationId, workspaceId, db }: TenantCtx) => ({
  tenant,
  organizationId,
  workspaceId,
  db: db.leased,
});
