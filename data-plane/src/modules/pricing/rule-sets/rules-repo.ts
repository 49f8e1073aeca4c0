import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage } from '@platen/chassis/http/paging';
import type { Rule } from '@platen/schema/contracts/data/pricing-rules';
import { ChangedRule, PlacedRule, rules } from '@platen/schema/contracts/data/rule-sets';
import { type JsonRow, parseJsonRow } from '../../../stored-json.js';

/** Positions ascend with gaps of this size, so that a rule finds its place between two others without moving them. */
export const positionStep = 1024;

/** A row as the rule that it stands for: only discounts say whether they stack. */
const ruleJson = `(jsonb_build_object('id', r.id, 'code', r.code, 'kind', r.kind, 'conditions', r.conditions, 'effect', r.effect)
  || case when r.kind = 'discount' then jsonb_build_object('stackable', r.stackable) else '{}'::jsonb end)`;

/** Of one set; the cursor is a position. */
export const rulePage = definePage({
  contract: rules.list,
  item: jsonSelect(PlacedRule, { position: 't.position', rule: jsonExpression('t.rule') }),
  key: 't.position::text',
  rows: `select r.position, ${ruleJson} as rule from erp_pricing_rules r
    where r.position > $2::int and r.rule_set_id = $3::uuid order by r.position`,
  start: '0',
});

const list = statement<{ rules: readonly Rule[] }>(
  'rule.list',
  `select coalesce(json_agg(${ruleJson} order by r.position), '[]') as rules
   from erp_pricing_rules r where r.rule_set_id = $1::uuid`,
  { parse: { rules: 'json' } },
);

/** The whole draft, in declared order. */
export async function listRules(db: Queryable, ruleSetId: string): Promise<readonly Rule[]> {
  const [row] = await db.query(list, [ruleSetId]);
  return row?.rules ?? [];
}

const size = statement<{ size: number }>(
  'rule.size',
  `select coalesce(sum(octet_length(conditions::text) + octet_length(effect::text)), 0) as size
   from erp_pricing_rules where rule_set_id = $1::uuid`,
  { parse: { size: 'int' } },
);
/** Bytes of what the rules of a draft say. */
export const sizeOfRules = async (tx: Tx, ruleSetId: string): Promise<number> =>
  (await tx.query(size, [ruleSetId]))[0]?.size ?? 0;

const remove = statement<{ id: string }>(
  'rule.delete',
  'delete from erp_pricing_rules where rule_set_id = $1::uuid and id = $2::uuid returning id',
);
export const deleteRule = async (tx: Tx, ruleSetId: string, id: string): Promise<boolean> =>
  (await tx.query(remove, [ruleSetId, id])).length > 0;

const removeAll = statement<never>('rule.delete_all', 'delete from erp_pricing_rules where rule_set_id = $1::uuid');
export const deleteRules = (tx: Tx, ruleSetId: string): void => tx.defer(removeAll, [ruleSetId]);

/** The rows of rules, which are in their order. */
const rowsOf = (given: string): string => `
  select (e->>'id')::uuid as id, e->>'code' as code, e->>'kind' as kind, e->'conditions' as conditions,
    e->'effect' as effect, coalesce((e->>'stackable')::boolean, false) as stackable, n
  from jsonb_array_elements(${given}::jsonb) with ordinality as listed(e, n)`;

const insertAll = statement<never>(
  'rule.insert_all',
  `insert into erp_pricing_rules
     (tenant_id, organization_id, rule_set_id, id, code, kind, conditions, effect, stackable, position)
   select $1::uuid, $2::uuid, $3::uuid, id, code, kind, conditions, effect, stackable,
     $5::int + (n - 1) * ${positionStep} from (${rowsOf('$4')}) given`,
);

export interface Owner {
  readonly tenantId: string;
  readonly organizationId: string;
}

/** The first at `position`, the others behind it. */
export async function insertRules(
  tx: Tx,
  { tenantId, organizationId }: Owner,
  ruleSetId: string,
  given: readonly Rule[],
  position: number = positionStep,
): Promise<void> {
  if (given.length === 0) return;
  await tx.query(insertAll, [tenantId, organizationId, ruleSetId, JSON.stringify(given), position]);
}

const replace = statement<{ id: string }>(
  'rule.replace',
  `update erp_pricing_rules r
   set (code, kind, conditions, effect, stackable) = (given.code, given.kind, given.conditions, given.effect, given.stackable),
     updated_at = now()
   from (${rowsOf('$3')}) given where r.rule_set_id = $1::uuid and r.id = $2::uuid returning r.id`,
);

/** In its place, under its id. */
export const updateRule = async (tx: Tx, ruleSetId: string, id: string, rule: Rule): Promise<boolean> =>
  (await tx.query(replace, [ruleSetId, id, JSON.stringify([rule])])).length > 0;

const move = statement<{ id: string }>(
  'rule.move',
  `update erp_pricing_rules set position = $3::int, updated_at = now()
   where rule_set_id = $1::uuid and id = $2::uuid returning id`,
);
export const moveRule = async (tx: Tx, ruleSetId: string, id: string, position: number): Promise<boolean> =>
  (await tx.query(move, [ruleSetId, id, position])).length > 0;

const positions = statement<{ id: string; position: number }>(
  'rule.positions',
  'select id, position from erp_pricing_rules where rule_set_id = $1::uuid order by position',
  { parse: { position: 'int' } },
);
export const listPositions = (tx: Tx, ruleSetId: string): Promise<{ id: string; position: number }[]> =>
  tx.query(positions, [ruleSetId]);

// Positions are unique while a statement runs too: first out of the way, below zero, then to where they belong.
const spreadOut = statement<never>(
  'rule.spread_out',
  'update erp_pricing_rules set position = -position where rule_set_id = $1::uuid',
);
const spreadBack = statement<never>(
  'rule.spread_back',
  `update erp_pricing_rules r set position = ordered.n * ${positionStep}
   from (select id, row_number() over (order by position desc) as n from erp_pricing_rules
     where rule_set_id = $1::uuid) ordered
   where r.rule_set_id = $1::uuid and r.id = ordered.id`,
);

/** The same order with room between all of them. */
export function spreadPositions(tx: Tx, ruleSetId: string): void {
  tx.defer(spreadOut, [ruleSetId]);
  tx.defer(spreadBack, [ruleSetId]);
}

const changed = statement<JsonRow>(
  'rule.changed',
  `select ${jsonSelect(ChangedRule, {
    position: 'r.position',
    rule: jsonExpression(ruleJson),
    rule_set_id: 'r.rule_set_id',
    version: 's.version',
  })} as json, s.version
   from erp_pricing_rules r join erp_pricing_rule_sets s on s.id = r.rule_set_id
   where r.rule_set_id = $1::uuid and r.id = $2::uuid`,
  { parse: parseJsonRow },
);
export const findChangedRule = async (tx: Tx, ruleSetId: string, id: string): Promise<JsonRow | undefined> =>
  (await tx.query(changed, [ruleSetId, id]))[0];
