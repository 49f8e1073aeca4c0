import { lockNumberOf } from '@platen/chassis/db/advisory-locks';
import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage } from '@platen/chassis/http/paging';
import { Organization, organizations } from '@platen/schema/contracts/control/organizations';
import type { Static } from 'typebox';

export type OrganizationRow = Static<typeof Organization>;

const item = jsonSelect(Organization, {
  id: 't.id',
  code: 't.code',
  name: 't.name',
  status: 't.status',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});
const parse = { row: 'json' } as const;

/** By code. Filters: tenant; status or null; ids that may be seen, or null. */
export const organizationPage = definePage({
  contract: organizations.list,
  item,
  key: 't.code',
  rows: `select t.* from res_organizations t
    where t.tenant_id = $3::uuid and t.code > $2 and ($4::text is null or t.status = $4)
      and ($5::text is null or t.id = any($5::uuid[])) order by t.code`,
  start: '',
});

const lock = statement<never>('organizations_lock', `select pg_advisory_xact_lock(${lockNumberOf('places', '$1')})`);

/**
 * Changes of what the tenant consists of (organizations, workspaces, domains, stores) come one after the other: that
 * one is the last, or is in use, nobody changes meanwhile.
 */
export async function lockPlaces(tx: Tx, tenantId: string): Promise<void> {
  await tx.query(lock, [tenantId]);
}

const find = statement<{ row: OrganizationRow }>(
  'organizations_find',
  `select ${item} as row from res_organizations t where t.tenant_id = $1 and t.id = $2`,
  { parse },
);

export async function findOrganization(db: Queryable, tenantId: string, id: string) {
  const [found] = await db.query(find, [tenantId, id]);
  return found?.row;
}

const insert = statement<{ row: OrganizationRow }>(
  'organizations_insert',
  `insert into res_organizations as t (tenant_id, id, code, name) values ($1, $2, $3, $4) returning ${item} as row`,
  { parse },
);

export async function insertOrganization(tx: Tx, tenantId: string, given: { id: string; code: string; name: string }) {
  const [made] = await tx.query(insert, [tenantId, given.id, given.code, given.name]);
  if (made === undefined) throw new Error('an insert answers its row');
  return made.row;
}

const update = statement<{ row: OrganizationRow }>(
  'organizations_update',
  `update res_organizations t set name = coalesce($3, t.name), status = coalesce($4, t.status), updated_at = now()
   where t.tenant_id = $1 and t.id = $2 returning ${item} as row`,
  { parse },
);

export async function updateOrganization(
  tx: Tx,
  tenantId: string,
  id: string,
  patch: { readonly name?: string; readonly status?: string },
) {
  const [changed] = await tx.query(update, [tenantId, id, patch.name ?? null, patch.status ?? null]);
  if (changed === undefined) throw new Error('the organization was there a moment ago');
  return changed.row;
}

const findUse = statement<{ other_active: boolean; has_stores: boolean }>(
  'organizations_find_use',
  `select exists (select from res_organizations where tenant_id = $1 and id <> $2 and status = 'active') as other_active,
     exists (select from tenant_stores where tenant_id = $1 and organization_id = $2) as has_stores`,
  { parse: { other_active: 'bool', has_stores: 'bool' } },
);

/** What speaks against archiving it. */
export async function findOrganizationUse(tx: Tx, tenantId: string, id: string) {
  const [row] = await tx.query(findUse, [tenantId, id]);
  return row ?? { other_active: false, has_stores: true };
}
