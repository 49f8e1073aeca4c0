import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { ArtworkState } from '@platen/schema/states/production-job';
import type { TenantCtx } from '../module.js';

export interface JobDesignRow {
  readonly id: string;
  readonly design_id: string;
  readonly code: string;
  /** The artwork as it stands. */
  readonly hash: string | null;
  readonly approved_hash: string | null;
}
const select = statement<JobDesignRow>(
  'production.job_designs',
  `select jd.id, jd.design_id, x.code, x.hash, jd.approved_hash
  from erp_production_job_designs jd join erp_designs x on x.id = jd.design_id
  where jd.job_id = $1::uuid order by jd.id`,
);
export const listDesigns = (tx: Tx, jobId: string): Promise<JobDesignRow[]> => tx.query(select, [jobId]);

export const isApproved = ({ hash, approved_hash }: JobDesignRow): boolean =>
  approved_hash !== null && approved_hash === hash;

export function artworkOf(designs: readonly JobDesignRow[]): ArtworkState {
  if (designs.length === 0) return 'none';
  if (designs.some((design) => design.approved_hash !== null && !isApproved(design))) return 'changed';
  return designs.every(isApproved) ? 'approved' : 'pending';
}

const approve = statement<never>(
  'production.approve_design',
  `update erp_production_job_designs
  set approved_hash = $2, approved_by = $3::uuid, approved_at = $4::timestamptz, updated_at = $4::timestamptz
  where id = $1::uuid`,
);
export function approveDesign(tx: Tx, ctx: TenantCtx, row: JobDesignRow, by: string): void {
  tx.defer(approve, [row.id, row.hash, by, ctx.now()]);
}

const insert = statement<never>(
  'production.insert_job_designs',
  `insert into erp_production_job_designs (tenant_id, organization_id, workspace_id, created_at, updated_at, id, job_id,
    design_id)
  select $1::uuid, $2::uuid, $3::uuid, $4::timestamptz, $4::timestamptz, n.*
  from unnest($5::uuid[], $6::uuid[], $7::uuid[]) as n`,
);
export function insertDesigns(
  tx: Tx,
  ctx: TenantCtx,
  workspaceId: string | null,
  rows: readonly { readonly jobId: string; readonly designId: string }[],
): void {
  if (rows.length === 0) return;
  const ids = rows.map(() => ctx.newId());
  const [jobs, designs] = [rows.map(({ jobId }) => jobId), rows.map(({ designId }) => designId)];
  tx.defer(insert, [ctx.tenant.id, ctx.organizationId, workspaceId, ctx.now(), ids, jobs, designs]);
}

const copy = statement<never>(
  'production.copy_job_designs',
  `insert into erp_production_job_designs (tenant_id, organization_id, workspace_id, id, job_id, design_id, approved_hash,
    approved_by, approved_at, created_at, updated_at)
  select d.tenant_id, d.organization_id, d.workspace_id, n.id, $2::uuid, d.design_id, d.approved_hash, d.approved_by,
    d.approved_at, $3::timestamptz, $3::timestamptz
  from unnest($4::uuid[], $5::uuid[]) as n (old_id, id) join erp_production_job_designs d on d.id = n.old_id
  where d.job_id = $1::uuid`,
);
/** The same artwork for another job, approved as it is for this one. */
export function copyDesigns(
  tx: Tx,
  ctx: TenantCtx,
  fromJobId: string,
  toJobId: string,
  rows: readonly JobDesignRow[],
): void {
  if (rows.length === 0) return;
  tx.defer(copy, [fromJobId, toJobId, ctx.now(), rows.map(({ id }) => id), rows.map(() => ctx.newId())]);
}
