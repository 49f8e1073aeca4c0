import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Statement } from '@platen/chassis/db/types';
import { AppError, invalidField } from '@platen/chassis/http/app-error';
import type { UploadOwnerKind } from '@platen/schema/contracts/data/files';
import type { TenantCtx } from '../module.js';

interface OwnerRow {
  readonly workspace_id: string | null;
}
const findIn = (table: string): Statement<OwnerRow> =>
  statement(`file.owner.${table}`, `select workspace_id from ${table} where id = $1::uuid`);

const documents = {
  product: findIn('erp_products'),
  design: findIn('erp_designs'),
  customer: findIn('erp_customers'),
  quote: findIn('erp_quotes'),
  order: findIn('erp_orders'),
} as const satisfies Record<Exclude<UploadOwnerKind, 'organization'>, Statement<OwnerRow>>;

export interface FileOwner {
  readonly kind: UploadOwnerKind | null;
  readonly id: string | null;
  readonly workspaceId: string | null;
}

/**
 * The document that a file shall belong to, as the caller may see it: its workspace becomes the file's.
 * @throws AppError validation_failed, unknown_reference
 */
export async function findOwner(
  ctx: Pick<TenantCtx, 'organizationId' | 'workspaceId'> & { readonly db: Queryable },
  kind: UploadOwnerKind | undefined,
  id: string | undefined,
): Promise<FileOwner> {
  requireBoth(kind, id, '/body');
  if (kind === undefined || id === undefined) return { kind: null, id: null, workspaceId: ctx.workspaceId };
  if (kind === 'organization') {
    if (id !== ctx.organizationId) throw unknownOwner();
    return { kind, id, workspaceId: null };
  }
  const [row] = await ctx.db.query(documents[kind], [id]);
  if (!row) throw unknownOwner();
  return { kind, id, workspaceId: row.workspace_id };
}

export function requireBoth(kind: string | undefined, id: string | undefined, where: '/body' | '/query'): void {
  if ((kind === undefined) === (id === undefined)) return;
  const path = `${where}/${kind === undefined ? 'owner_kind' : 'owner_id'}`;
  throw invalidField(path, 'Both or neither');
}

const unknownOwner = (): AppError =>
  new AppError('unknown_reference', undefined, { fields: [{ path: '/body/owner_id', message: 'No such document' }] });
