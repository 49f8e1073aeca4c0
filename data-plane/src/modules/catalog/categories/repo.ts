import { lockNumberOf } from '@platen/chassis/db/advisory-locks';
import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { definePage, firstId } from '@platen/chassis/http/paging';
import { Category, categories } from '@platen/schema/contracts/data/catalog';
import { type ChangeRow, type JsonRow, parseChangeRow, parseJsonRow } from '../../../stored-json.js';

const item = jsonSelect(Category, {
  id: 't.id',
  code: 't.code',
  name: 't.name',
  parent_id: 't.parent_id',
  position: 't.position',
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

const pageBy = (variant: string | null, condition: string) =>
  definePage({
    contract: categories.list,
    ...(variant !== null && { variant }),
    item,
    key: 't.id::text',
    rows: `select t.* from erp_categories t where t.id > $2::uuid${condition} order by t.id`,
    start: firstId,
  });
export const categoryPage = pageBy(null, '');
export const topCategoryPage = pageBy('top', ' and t.parent_id is null');
/** Filter: parent. */
export const categoryPageOfParent = pageBy('parent', ' and t.parent_id = $3::uuid');

const find = statement<JsonRow>(
  'category.find',
  `select ${item} as json, t.version from erp_categories t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);

export const findCategory = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

export interface NewCategory {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly parentId: string | null;
  readonly position: number;
}

// No workspace: the catalogue belongs to the whole organization. The parent is read again under row-level security,
// because a foreign key alone would also accept what the caller cannot see.
const insert = statement<JsonRow>(
  'category.insert',
  `insert into erp_categories as t (tenant_id, organization_id, id, code, name, parent_id, position)
   select $1::uuid, $2::uuid, $3::uuid, $4::text, $5::text, $6::uuid, $7::int
   where $6::uuid is null or exists (select from erp_categories p where p.id = $6::uuid)
   returning ${item} as json, t.version`,
  { parse: parseJsonRow },
);

/** undefined: the parent is unknown. */
export const insertCategory = async (db: Queryable, row: NewCategory): Promise<JsonRow | undefined> =>
  (
    await db.query(insert, [row.tenantId, row.organizationId, row.id, row.code, row.name, row.parentId, row.position])
  )[0];

/** Columns to change, under their own names; absent ones stay. */
export interface CategoryPatch {
  readonly code?: string;
  readonly name?: string;
  readonly parent_id?: string | null;
  readonly position?: number;
}

export interface CategoryChange extends ChangeRow {
  readonly parent_known: boolean;
  readonly makes_cycle: boolean;
}

const update = statement<CategoryChange>(
  'category.update',
  `with recursive found as (select t.id, t.version from erp_categories t where t.id = $1::uuid),
   patch as (select ($3::jsonb ->> 'parent_id')::uuid as parent_id),
   ancestors as (
     select p.id, p.parent_id from erp_categories p join patch on p.id = patch.parent_id
     union
     select p.id, p.parent_id from erp_categories p join ancestors a on p.id = a.parent_id
   ),
   verdict as (
     select patch.parent_id is null or exists (select from ancestors where id = patch.parent_id) as parent_known,
       exists (select from ancestors where id = $1::uuid) as makes_cycle
     from patch
   ),
   changed as (
     update erp_categories t
     set (code, name, parent_id, position) =
         (select n.code, n.name, n.parent_id, n.position from jsonb_populate_record(t, $3::jsonb) n),
       version = t.version + 1, updated_at = now()
     from verdict
     where t.id = $1::uuid and ($2::int is null or t.version = $2::int) and verdict.parent_known and not verdict.makes_cycle
     returning ${item} as json, t.version
   )
   select found.version as version_before, verdict.parent_known, verdict.makes_cycle, changed.json, changed.version
   from found cross join verdict left join changed on true`,
  { parse: { ...parseChangeRow, parent_known: 'bool', makes_cycle: 'bool' } },
);

export const updateCategory = async (
  db: Queryable,
  id: string,
  ifMatch: number | null,
  patch: CategoryPatch,
): Promise<CategoryChange | undefined> => (await db.query(update, [id, ifMatch, JSON.stringify(patch)]))[0];

const lockTree = statement<never>(
  'category.lock_tree',
  `select pg_advisory_xact_lock(${lockNumberOf('categoryTree', '$1')})`,
);

/** Two moves at once could make a cycle that neither sees: they take turns, organization by organization. */
export const lockCategoryTree = (db: Queryable, organizationId: string): Promise<unknown> =>
  db.query(lockTree, [organizationId]);
