import { AppError, type FieldError } from '@platen/chassis/http/app-error';
import type { Reach, Scope } from './compile-access.js';

/** Where something is given, and until when, as requests say it. */
export interface PlacementInput {
  readonly scope: Scope;
  readonly organization_id?: string | null;
  readonly workspace_id?: string | null;
  readonly expires_at?: string | null;
}
export interface Placement extends Reach {
  readonly expiresAt: string | null;
}

/** @throws AppError validation_failed: a scope that does not name exactly its place, or an end that is past */
export function readPlacement(input: PlacementInput, now: Date, at = '/body'): Placement {
  const { scope, organization_id: organizationId = null, workspace_id: workspaceId = null, expires_at = null } = input;
  const fields: FieldError[] = [];
  if ((organizationId !== null) !== (scope !== 'tenant')) {
    fields.push({ path: `${at}/organization_id`, message: scope === 'tenant' ? 'must be absent' : 'is required' });
  }
  if ((workspaceId !== null) !== (scope === 'workspace')) {
    fields.push({ path: `${at}/workspace_id`, message: scope === 'workspace' ? 'is required' : 'must be absent' });
  }
  // The pattern lets 31 February through.
  if (expires_at !== null && !(Date.parse(expires_at) > now.getTime())) {
    fields.push({ path: `${at}/expires_at`, message: 'must be a time to come' });
  }
  if (fields.length > 0) throw new AppError('validation_failed', undefined, { fields });
  const expiresAt = expires_at === null ? null : new Date(expires_at).toISOString();
  return { scope, organizationId, workspaceId, expiresAt };
}
