import { AppError } from '@platen/chassis/http/app-error';
import { exportPermissions } from '@platen/schema/contracts/data/exports';
import type { ExportPayload } from '@platen/schema/contracts/internal/export-rows';
import type { TenantCtx } from '../module.js';
import { requirePermission } from '../permission.js';
import { shownOnly } from './create-export.js';
import { findJobPayload } from './repo.js';
import { sources } from './sources/index.js';

/**
 * Everybody of a context sees its files, and those of the whole organization; an export shows a list, so it is for those
 * who may read that list as it was read, of all workspaces or of one, and what of others it shows beside.
 * @throws AppError not_found, permission_denied, module_unavailable
 */
export async function requireExportedList(ctx: TenantCtx, jobId: string): Promise<void> {
  const job = await findJobPayload(ctx.db, jobId);
  if (!job) throw new AppError('not_found');
  if (job.kind !== 'export') return;
  if (job.workspace_id !== ctx.workspaceId && ctx.workspaceId !== null) throw new AppError('not_found');
  // Written by `createExport`, in the shape of its type.
  const { resource, columns } = job.payload as ExportPayload;
  requirePermission(ctx, exportPermissions[resource], shownOnly);
  for (const { key } of columns) {
    const permission = sources[resource].columns[key]?.permission;
    if (permission !== undefined) requirePermission(ctx, permission, shownOnly);
  }
}
