import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { Store, stores } from '@platen/schema/contracts/control/stores';
import type { Static } from 'typebox';

export type StoreRow = Static<typeof Store>;

export const storeItem = jsonSelect(Store, {
  id: 't.id',
  code: 't.code',
  name: 't.name',
  domain_id: 't.domain_id',
  domain: 't.domain',
  organization_id: 't.organization_id',
  workspace_id: 't.workspace_id',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});
const withDomain = `select s.*, d.domain from tenant_stores s
  join tenant_domains d on d.tenant_id = s.tenant_id and d.id = s.domain_id`;

/** Newest first. Filters: tenant; organization or null; organizations that may be seen, or null. */
export const storeRows = `select t.* from (${withDomain}) t
  where t.tenant_id = $3::uuid and t.id < $2::uuid and ($4::text is null or t.organization_id = $4::uuid)
    and ($5::text is null or t.organization_id = any($5::uuid[])) order by t.id desc`;
export const storePage = definePage({
  contract: stores.list,
  item: storeItem,
  key: 't.id::text',
  rows: storeRows,
  start: lastId,
});

const find = statement<{ row: StoreRow }>(
  'stores_find',
  `select ${storeItem} as row from (${withDomain}) t where t.tenant_id = $1 and t.id = $2`,
  { parse: { row: 'json' } },
);

export async function findStore(db: Queryable, tenantId: string, id: string): Promise<StoreRow | undefined> {
  const [found] = await db.query(find, [tenantId, id]);
  return found?.row;
}

const findPlace = statement<{ found: boolean }>(
  'stores_find_place',
  `select exists (select from res_organizations o where o.tenant_id = $1 and o.id = $2 and o.status = 'active'
     and ($3::uuid is null or exists (select from res_workspaces w
       where w.tenant_id = o.tenant_id and w.organization_id = o.id and w.id = $3 and w.status = 'active'))) as found`,
  { parse: { found: 'bool' } },
);

/** Is there such an organization, with such a workspace, and both in use? */
export async function hasPlace(tx: Tx, tenantId: string, organizationId: string, workspaceId: string | null) {
  const [row] = await tx.query(findPlace, [tenantId, organizationId, workspaceId]);
  return row?.found ?? false;
}

export interface StoreFields {
  readonly code: string;
  readonly name: string;
  readonly domainId: string;
  readonly organizationId: string;
  readonly workspaceId: string | null;
}
const values = (store: StoreFields) => [
  store.code,
  store.name,
  store.domainId,
  store.organizationId,
  store.workspaceId,
];

const insert = statement<never>(
  'stores_insert',
  `insert into tenant_stores (tenant_id, id, code, name, domain_id, organization_id, workspace_id)
   values ($1, $2, $3, $4, $5, $6, $7)`,
);

export async function insertStore(tx: Tx, tenantId: string, id: string, store: StoreFields): Promise<void> {
  await tx.query(insert, [tenantId, id, ...values(store)]);
}

const update = statement<never>(
  'stores_update',
  `update tenant_stores set code = $3, name = $4, domain_id = $5, organization_id = $6, workspace_id = $7,
     updated_at = now() where tenant_id = $1 and id = $2`,
);

export async function updateStore(tx: Tx, tenantId: string, id: string, store: StoreFields): Promise<void> {
  await tx.query(update, [tenantId, id, ...values(store)]);
}

const remove = statement<never>('stores_delete', 'delete from tenant_stores where tenant_id = $1 and id = $2');

export function deleteStore(tx: Tx, tenantId: string, id: string): void {
  tx.defer(remove, [tenantId, id]);
}
