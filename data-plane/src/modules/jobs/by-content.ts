import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { JobKind } from '@platen/schema/states/job';
import type { TenantCtx } from '../module.js';
import { lockPlaces } from './places.js';
import { kept } from './repo.js';

// Only the workspace's own: a file of one is not seen by everybody who sees a job of the whole organization. The owner of
// the file, not one that was given the same result: it is with its owner that the file goes.
const reuse = statement<{ id: string; result: unknown }>(
  'job.reuse_by_content',
  `update erp_jobs t set expires_at = clock_timestamp() + ${kept}, version = t.version + 1, updated_at = now()
   where t.id = (
     select m.id from erp_jobs m
     where m.kind = $1 and m.content_hash = $2 and m.status = 'succeeded' and m.workspace_id is not distinct from $3::uuid
       and m.expires_at > clock_timestamp() and exists (
         select from erp_files f where f.owner_kind = 'job' and f.owner_id = m.id and f.deleted_at is null)
     order by m.expires_at desc limit 1)
   returning t.id, t.result`,
  { parse: { result: 'json' } },
);

/**
 * The job of this workspace that is done, was made of the same, and whose file is still there. It is kept as long as a
 * new one from now on, for whoever gets its result too.
 */
export async function reuseJobByContent(
  tx: Tx,
  { tenant, workspaceId }: Pick<TenantCtx, 'tenant' | 'workspaceId'>,
  kind: JobKind,
  contentHash: string,
): Promise<{ readonly id: string; readonly result: unknown } | undefined> {
  await lockPlaces(tx, tenant.id);
  return (await tx.query(reuse, [kind, contentHash, workspaceId]))[0];
}
