import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import type { ruleSetStatuses } from '@platen/schema/contracts/data/pricing';
import { RuleSet, ruleSets } from '@platen/schema/contracts/data/rule-sets';
import { type ChangeRow, type JsonRow, parseChangeRow, parseJsonRow } from '../../../stored-json.js';

export type RuleSetStatus = (typeof ruleSetStatuses)[number];

export const ruleSetColumns = {
  id: 't.id',
  code: 't.code',
  name: 't.name',
  status: 't.status',
  currency: 't.currency',
  unit_price_decimals: 't.unit_price_decimals',
  rule_count: '(select count(*) from erp_pricing_rules r where r.rule_set_id = t.id)',
  latest_version: '(select max(v.version) from erp_pricing_rule_set_versions v where v.rule_set_id = t.id)',
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
};
const item = jsonSelect(RuleSet, ruleSetColumns);

/** Filter: status or null. */
export const ruleSetPage = definePage({
  contract: ruleSets.list,
  item,
  key: 't.id::text',
  rows: `select t.* from erp_pricing_rule_sets t
    where t.id < $2::uuid and ($3::text is null or t.status = $3::text) order by t.id desc`,
  start: lastId,
});

const find = statement<JsonRow>(
  'rule_set.find',
  `select ${item} as json, t.version from erp_pricing_rule_sets t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);

export const findRuleSet = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

export interface NewRuleSet {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly currency: string;
  readonly unitPriceDecimals: number;
}

const insert = statement<never>(
  'rule_set.insert',
  `insert into erp_pricing_rule_sets (tenant_id, organization_id, id, code, name, currency, unit_price_decimals)
   values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7::int)`,
);

// No workspace: prices belong to the whole organization.
export const insertRuleSet = async (tx: Tx, row: NewRuleSet): Promise<void> => {
  const { tenantId, organizationId, id, code, name, currency, unitPriceDecimals } = row;
  await tx.query(insert, [tenantId, organizationId, id, code, name, currency, unitPriceDecimals]);
};

/** Columns to change, under their own names; absent ones stay. */
export interface RuleSetPatch {
  readonly code?: string;
  readonly name?: string;
  readonly unit_price_decimals?: number;
}

export interface RuleSetChange extends ChangeRow {
  readonly status: RuleSetStatus;
}

const update = statement<RuleSetChange>(
  'rule_set.update',
  `with found as (select t.id, t.version, t.status from erp_pricing_rule_sets t where t.id = $1::uuid),
   changed as (
     update erp_pricing_rule_sets t
     set (code, name, unit_price_decimals) =
         (select n.code, n.name, n.unit_price_decimals from jsonb_populate_record(t, $3::jsonb) n),
       version = t.version + 1, updated_at = now()
     where t.id = $1::uuid and ($2::int is null or t.version = $2::int) and t.status <> 'retired'
     returning ${item} as json, t.version
   )
   select found.version as version_before, found.status, changed.json, changed.version
   from found left join changed on true`,
  { parse: parseChangeRow },
);

export const updateRuleSet = async (
  db: Queryable,
  id: string,
  ifMatch: number | null,
  patch: RuleSetPatch,
): Promise<RuleSetChange | undefined> => (await db.query(update, [id, ifMatch, JSON.stringify(patch)]))[0];

/** What decides about a set, as one statement sees it. */
export interface LockedRuleSet {
  readonly id: string;
  readonly status: RuleSetStatus;
  readonly version: number;
  readonly currency: string;
  readonly unit_price_decimals: number;
}
const lockedColumns = 'id, status, version, currency, unit_price_decimals';
const parseLocked = { version: 'int', unit_price_decimals: 'int' } as const;

const lock = statement<LockedRuleSet>(
  'rule_set.lock',
  `select ${lockedColumns} from erp_pricing_rule_sets where id = $1::uuid for update`,
  { parse: parseLocked },
);

const findUnlocked = statement<LockedRuleSet>(
  'rule_set.draft',
  `select ${lockedColumns} from erp_pricing_rule_sets where id = $1::uuid`,
  { parse: parseLocked },
);
export const findDraft = async (db: Queryable, id: string): Promise<LockedRuleSet | undefined> =>
  (await db.query(findUnlocked, [id]))[0];

/** Locked to the end of the transaction: every change of its draft's rules comes after it, so none gets lost. */
export const lockRuleSet = async (tx: Tx, id: string): Promise<LockedRuleSet | undefined> =>
  (await tx.query(lock, [id]))[0];

// By id, so that two publications never wait for each other.
const lockCurrency = statement<LockedRuleSet>(
  'rule_set.lock_currency',
  `select ${lockedColumns} from erp_pricing_rule_sets
   where currency = (select currency from erp_pricing_rule_sets where id = $1::uuid) order by id for update`,
  { parse: parseLocked },
);

/** The set and every other one of its currency: which of them is active is decided under this lock. */
export const lockRuleSetsOfCurrency = (tx: Tx, id: string): Promise<LockedRuleSet[]> => tx.query(lockCurrency, [id]);

const touch = statement<never>(
  'rule_set.touch',
  `update erp_pricing_rule_sets set version = version + 1, status = $2, updated_at = now() where id = $1::uuid`,
);

/** A change of the set: its version rises. */
export const touchRuleSet = (tx: Tx, id: string, status: RuleSetStatus): void => tx.defer(touch, [id, status]);
