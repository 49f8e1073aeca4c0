import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { Owner } from './document-rows.js';
import { insertRows, type Row } from './insert-rows.js';
import type { SeedRuleSet } from './rules.js';

const owned = (owner: Owner): Row => ({
  tenant_id: owner.tenantId,
  organization_id: owner.organizationId,
  workspace_id: null,
});
const stamps = (at: string): Row => ({ created_at: at, updated_at: at });

export const ruleSetRow = (owner: Owner, { ruleSetId: id, content }: SeedRuleSet, at: string): Row => ({
  ...owned(owner),
  id,
  code: 'standard',
  name: 'Standard prices',
  status: 'active',
  currency: content.currency,
  unit_price_decimals: content.unit_price_decimals,
  version: 1,
  ...stamps(at),
});

/** The draft: the rules as they were published. */
export const ruleRows = (owner: Owner, { ruleSetId: rule_set_id, content }: SeedRuleSet, at: string): Row[] =>
  content.rules.map(({ id, code, kind, conditions, effect, ...more }, position) => ({
    ...owned(owner),
    id,
    rule_set_id,
    code,
    position,
    kind,
    conditions,
    effect,
    stackable: 'stackable' in more && more.stackable,
    ...stamps(at),
  }));

export const versionRow = (
  owner: Owner,
  { ruleSetId: rule_set_id, versionId: id, text: content, hash }: SeedRuleSet,
  { version, at }: { readonly version: number; readonly at: string },
): Row => ({
  ...owned(owner),
  id,
  rule_set_id,
  version,
  content,
  hash,
  valid_from: at,
  valid_until: null,
  created_at: at,
});

export interface Published {
  readonly version: number;
  /** Whether it is of the format that the engine reads. */
  readonly current: boolean;
}

const selectPublished = statement<Published>(
  'seed.published',
  `select version, content like '%"format":"platen-rule-set/2"%' as current
  from erp_pricing_rule_set_versions where rule_set_id = $1::uuid order by version desc limit 1`,
  { parse: { version: 'int', current: 'bool' } },
);

/** The newest version of the set; undefined: nothing was seeded here yet. */
export async function findPublished(tx: Tx, ruleSetId: string): Promise<Published | undefined> {
  const [row] = await tx.query(selectPublished, [ruleSetId]);
  return row;
}

const deleteRules = statement<never>('seed.delete_rules', 'delete from erp_pricing_rules where rule_set_id = $1::uuid');

/**
 * A database that was seeded before rules had their present form gets them as a further version, in force from now on;
 * its past quotes keep theirs. Answers whether it wrote.
 */
export function publishAnew(
  tx: Tx,
  owner: Owner,
  rules: SeedRuleSet,
  { version, current }: Published,
  now: Date,
): boolean {
  if (current) return false;
  const at = now.toISOString();
  tx.defer(deleteRules, [rules.ruleSetId]);
  insertRows(tx, 'erp_pricing_rules', ruleRows(owner, rules, at));
  insertRows(tx, 'erp_pricing_rule_set_versions', [versionRow(owner, rules, { version: version + 1, at })]);
  return true;
}
