import type { Cursors } from '@platen/chassis/http/cursor';
import type { RawJson } from '@platen/chassis/http/types';
import type { QueryOf } from '@platen/schema/contract';
import type { dnImportJobs } from '@platen/schema/contracts/data/dn-imports';
import type { TenantCtx } from '../../module.js';
import { listImportRows } from './repo.js';

/** Rows of a job that the caller has seen. */
export const listRows = (
  ctx: TenantCtx,
  cursors: Cursors,
  jobId: string,
  { dn_id, kind, outcome, ...query }: QueryOf<typeof dnImportJobs.rows>,
): Promise<RawJson> => listImportRows(slowly(ctx), cursors, query, { dn_id, kind, outcome }, [jobId]);

/** What differs is found out when it is asked for, of records with thousands of parts: on a connection of its own. */
export const slowly = ({ tenant, organizationId, workspaceId, db }: TenantCtx) => ({
  tenant,
  organizationId,
  workspaceId,
  db: db.leased,
});
