import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage, firstId } from '@platen/chassis/http/paging';
import { Plan, plans } from '@platen/schema/contracts/platform/plans';
import type { Static } from 'typebox';

export type PlanAnswer = Static<typeof Plan>;

const item = jsonSelect(Plan, {
  id: 't.id',
  code: 't.code',
  name: 't.name',
  modules: jsonExpression(`(select coalesce(json_agg(m.code order by m.code), '[]') from platform_plan_modules pm
    join platform_product_modules m on m.id = pm.module_id where pm.plan_id = t.id)`),
  limits: jsonExpression(
    `(select coalesce(json_object_agg(l.limit_code, l.value), '{}') from platform_plan_limits l where l.plan_id = t.id)`,
  ),
  tenants: jsonExpression('(select count(*) from tenants s where s.plan_id = t.id)'),
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

export const planPage = definePage({
  contract: plans.list,
  item,
  key: 't.id::text',
  rows: 'select t.* from platform_plans t where t.id > $2::uuid order by t.id',
  start: firstId,
});

const find = statement<{ plan: PlanAnswer }>(
  'plans_find',
  `select ${item} as plan from platform_plans t where t.id = $1`,
  {
    parse: { plan: 'json' },
  },
);
export const findPlan = async (db: Queryable, id: string): Promise<PlanAnswer | undefined> =>
  (await db.query(find, [id]))[0]?.plan;

const lock = statement<{ id: string }>('plans_lock', 'select id from platform_plans where id = $1 for no key update');
export const lockPlan = async (tx: Tx, id: string): Promise<boolean> => (await tx.query(lock, [id])).length === 1;

const insert = statement<{ id: string }>(
  'plans_insert',
  'insert into platform_plans (id, code, name) values ($1, $2, $3) on conflict (code) do nothing returning id',
);
/** false: somebody has the code. */
export const insertPlan = async (tx: Tx, row: { id: string; code: string; name: string }): Promise<boolean> =>
  (await tx.query(insert, [row.id, row.code, row.name])).length === 1;

const update = statement<never>(
  'plans_update',
  'update platform_plans set name = $2, updated_at = now() where id = $1',
);
export function updatePlanName(tx: Tx, id: string, name: string): void {
  tx.defer(update, [id, name]);
}

const unknown = statement<{ code: string }>(
  'plans_find_unknown_modules',
  'select code from unnest($1::text[]) code where not exists (select from platform_product_modules m where m.code = code.code)',
);
export const findUnknownModules = async (db: Queryable, codes: readonly string[]): Promise<string[]> =>
  (await db.query(unknown, [codes])).map(({ code }) => code);

const deleteModules = statement<never>(
  'plans_delete_modules',
  `delete from platform_plan_modules where plan_id = $1
   and module_id not in (select id from platform_product_modules where code = any ($2))`,
);
const insertModules = statement<never>(
  'plans_insert_modules',
  `insert into platform_plan_modules (plan_id, module_id)
   select $1, id from platform_product_modules where code = any ($2) on conflict do nothing`,
);
/** Exactly these. */
export function updatePlanModules(tx: Tx, id: string, codes: readonly string[]): void {
  tx.defer(deleteModules, [id, codes]);
  tx.defer(insertModules, [id, codes]);
}

const deleteLimits = statement<never>(
  'plans_delete_limits',
  'delete from platform_plan_limits where plan_id = $1 and limit_code <> all ($2)',
);
const upsertLimits = statement<never>(
  'plans_upsert_limits',
  `insert into platform_plan_limits (plan_id, limit_code, value) select $1, key, value::bigint from json_each_text($2::json)
   on conflict (plan_id, limit_code) do update set value = excluded.value, updated_at = now()`,
);
/** Exactly these. */
export function updatePlanLimits(tx: Tx, id: string, limits: PlanAnswer['limits']): void {
  tx.defer(deleteLimits, [id, Object.keys(limits)]);
  tx.defer(upsertLimits, [id, JSON.stringify(limits)]);
}

const deleteOne = statement<{ id: string }>(
  'plans_delete',
  `with unused as (select p.id from platform_plans p where p.id = $1
     and not exists (select from tenants t where t.plan_id = p.id)),
   modules as (delete from platform_plan_modules where plan_id in (select id from unused)),
   limits as (delete from platform_plan_limits where plan_id in (select id from unused))
   select id from unused`,
);
const deleteRow = statement<never>('plans_delete_row', 'delete from platform_plans where id = $1');

/** false: a tenant has it. One that takes it meanwhile is held by the foreign key. */
export async function deletePlan(tx: Tx, id: string): Promise<boolean> {
  const [row] = await tx.query(deleteOne, [id]);
  if (row === undefined) return false;
  await tx.query(deleteRow, [id]);
  return true;
}
