import type { PermissionCode } from '@platen/schema/permissions';
import type { DnTask } from '@platen/schema/states/deconetwork';
import type { RequireRetry } from '../jobs/index.js';
import { requirePermission } from '../permission.js';
import { dnPayloadOf } from './dn-jobs.js';

const permissionOf: Readonly<Record<DnTask, PermissionCode>> = {
  test: 'erp.dn_connection.write',
  import: 'erp.dn_import.run',
  sync: 'erp.dn_import.run',
  retry: 'erp.dn_import.run',
  compare: 'erp.dn_import.run',
  undo: 'erp.dn_import.undo',
  write: 'erp.dn_call.write',
};

/** Whoever has a failed job tried again asks for it as if it were new. @throws AppError permission_denied, module_unavailable */
export const requireDnRetry: RequireRetry = (ctx, job) => {
  const payload = dnPayloadOf(job);
  if (payload) requirePermission(ctx, permissionOf[payload.task], 'The job does what this permission is for');
};
