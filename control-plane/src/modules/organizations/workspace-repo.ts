import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { Workspace, workspaces } from '@platen/schema/contracts/control/workspaces';
import type { Static } from 'typebox';

export type WorkspaceRow = Static<typeof Workspace>;

const item = jsonSelect(Workspace, {
  id: 't.id',
  organization_id: 't.organization_id',
  code: 't.code',
  name: 't.name',
  status: 't.status',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});
const parse = { row: 'json' } as const;

/** Newest first. Filters: tenant; organization or null; status or null; organizations that may be seen, or null. */
export const workspacePage = definePage({
  contract: workspaces.list,
  item,
  key: 't.id::text',
  rows: `select t.* from res_workspaces t
    where t.tenant_id = $3::uuid and t.id < $2::uuid and ($4::text is null or t.organization_id = $4::uuid)
      and ($5::text is null or t.status = $5) and ($6::text is null or t.organization_id = any($6::uuid[]))
    order by t.id desc`,
  start: lastId,
});

const find = statement<{ row: WorkspaceRow }>(
  'workspaces_find',
  `select ${item} as row from res_workspaces t where t.tenant_id = $1 and t.id = $2`,
  { parse },
);

export async function findWorkspace(db: Queryable, tenantId: string, id: string) {
  const [found] = await db.query(find, [tenantId, id]);
  return found?.row;
}

const insert = statement<{ row: WorkspaceRow }>(
  'workspaces_insert',
  `insert into res_workspaces as t (tenant_id, id, organization_id, code, name)
   select $1, $2, o.id, $4, $5 from res_organizations o where o.tenant_id = $1 and o.id = $3 and o.status = 'active'
   returning ${item} as row`,
  { parse },
);

export interface NewWorkspace {
  readonly id: string;
  readonly organizationId: string;
  readonly code: string;
  readonly name: string;
}

/** undefined: there is no such organization, or it is archived. */
export async function insertWorkspace(tx: Tx, tenantId: string, given: NewWorkspace) {
  const [made] = await tx.query(insert, [tenantId, given.id, given.organizationId, given.code, given.name]);
  return made?.row;
}

const update = statement<{ row: WorkspaceRow }>(
  'workspaces_update',
  `update res_workspaces t set name = coalesce($3, t.name), status = coalesce($4, t.status), updated_at = now()
   where t.tenant_id = $1 and t.id = $2 returning ${item} as row`,
  { parse },
);

export async function updateWorkspace(
  tx: Tx,
  tenantId: string,
  id: string,
  patch: { readonly name?: string; readonly status?: string },
) {
  const [changed] = await tx.query(update, [tenantId, id, patch.name ?? null, patch.status ?? null]);
  if (changed === undefined) throw new Error('the workspace was there a moment ago');
  return changed.row;
}

const findStores = statement<{ id: string }>(
  'workspaces_find_stores',
  'select id from tenant_stores where tenant_id = $1 and workspace_id = $2 limit 1',
);

export const hasStores = async (tx: Tx, tenantId: string, id: string): Promise<boolean> =>
  (await tx.query(findStores, [tenantId, id])).length > 0;
