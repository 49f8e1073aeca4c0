import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { Domain, domains } from '@platen/schema/contracts/control/domains';
import type { Static } from 'typebox';
import { verificationLabel } from './domain-name.js';

export type DomainRow = Static<typeof Domain>;

export const domainItem = jsonSelect(Domain, {
  id: 't.id',
  domain: 't.domain',
  kind: 't.kind',
  verified_at: 't.verified_at',
  is_primary: 't.is_primary',
  verification: jsonExpression(`(case when t.verified_at is null and t.verification_token is not null then
    json_build_object('type', 'TXT', 'name', '${verificationLabel}.' || t.domain, 'value', t.verification_token) end)`),
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});
const item = domainItem;
const parse = { row: 'json' } as const;

/** Newest first, of the tenant `$3`. */
export const domainRows =
  'select t.* from tenant_domains t where t.tenant_id = $3::uuid and t.id < $2::uuid order by t.id desc';
export const domainPage = definePage({
  contract: domains.list,
  item,
  key: 't.id::text',
  rows: domainRows,
  start: lastId,
});

const find = statement<{ row: DomainRow }>(
  'domains_find',
  `select ${item} as row from tenant_domains t where t.tenant_id = $1 and t.id = $2`,
  { parse },
);

export async function findDomain(db: Queryable, tenantId: string, id: string): Promise<DomainRow | undefined> {
  const [found] = await db.query(find, [tenantId, id]);
  return found?.row;
}

const findTenant = statement<{ id: string }>(
  'domains_find_tenant',
  `select id from tenants where id = $1 and status <> 'deleting'`,
);

export const hasTenant = async (db: Queryable, tenantId: string): Promise<boolean> =>
  (await db.query(findTenant, [tenantId])).length > 0;

const count = statement<{ total: number }>(
  'domains_count',
  'select count(*) as total from tenant_domains where tenant_id = $1',
  { parse: { total: 'int' } },
);

export async function countDomains(db: Queryable, tenantId: string): Promise<number> {
  const [row] = await db.query(count, [tenantId]);
  return row?.total ?? 0;
}

const insert = statement<{ row: DomainRow }>(
  'domains_insert',
  `insert into tenant_domains as t (tenant_id, id, domain, kind, verification_token, verified_at)
   values ($1, $2, $3, 'custom', $4, case when $5::boolean then now() end) returning ${item} as row`,
  { parse },
);

export interface NewDomain {
  readonly id: string;
  readonly domain: string;
  readonly token: string;
  readonly verified: boolean;
}

export async function insertDomain(tx: Tx, tenantId: string, given: NewDomain): Promise<DomainRow> {
  const [made] = await tx.query(insert, [tenantId, given.id, given.domain, given.token, given.verified]);
  if (made === undefined) throw new Error('an insert answers its row');
  return made.row;
}

const verify = statement<{ row: DomainRow }>(
  'domains_verify',
  `update tenant_domains t set verified_at = now(), updated_at = now()
   where t.tenant_id = $1 and t.id = $2 and t.verified_at is null returning ${item} as row`,
  { parse },
);

/** undefined: it is gone, or was verified meanwhile. */
export async function updateVerified(tx: Tx, tenantId: string, id: string): Promise<DomainRow | undefined> {
  const [changed] = await tx.query(verify, [tenantId, id]);
  return changed?.row;
}

const makePrimary = statement<{ row: DomainRow }>(
  'domains_make_primary',
  `update tenant_domains t set is_primary = t.id = $2, updated_at = now()
   where t.tenant_id = $1 and (t.is_primary or t.id = $2) returning ${item} as row`,
  { parse },
);

export async function updatePrimary(tx: Tx, tenantId: string, id: string): Promise<DomainRow> {
  const changed = await tx.query(makePrimary, [tenantId, id]);
  const made = changed.find(({ row }) => row.id === id);
  if (made === undefined) throw new Error('the domain was there a moment ago');
  return made.row;
}

const findStore = statement<{ id: string }>(
  'domains_find_store',
  'select id from tenant_stores where tenant_id = $1 and domain_id = $2',
);

export const hasStore = async (tx: Tx, tenantId: string, id: string): Promise<boolean> =>
  (await tx.query(findStore, [tenantId, id])).length > 0;

const remove = statement<never>('domains_delete', 'delete from tenant_domains where tenant_id = $1 and id = $2');

export function deleteDomain(tx: Tx, tenantId: string, id: string): void {
  tx.defer(remove, [tenantId, id]);
}
