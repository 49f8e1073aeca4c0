import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage } from '@platen/chassis/http/paging';
import {
  PublishedRuleSet,
  RuleSetVersion,
  RuleSetVersionSummary,
  versions,
} from '@platen/schema/contracts/data/rule-sets';
import { type JsonRow, parseJsonRow } from '../../../stored-json.js';
import { ruleSetColumns } from './repo.js';

const columnsOf = (row: string) => ({
  id: `${row}.id`,
  rule_set_id: `${row}.rule_set_id`,
  version: `${row}.version`,
  hash: `${row}.hash`,
  valid_from: `${row}.valid_from`,
  valid_until: `${row}.valid_until`,
  created_at: `${row}.created_at`,
});

/** Of one set; the cursor is a version's number. */
export const versionPage = definePage({
  contract: versions.list,
  item: jsonSelect(RuleSetVersionSummary, columnsOf('t')),
  key: 't.version::text',
  rows: `select t.* from erp_pricing_rule_set_versions t
    where t.version < $2::int and t.rule_set_id = $3::uuid order by t.version desc`,
  start: '2147483647',
});

const find = statement<{ json: string }>(
  'rule_set_version.find',
  `select ${jsonSelect(RuleSetVersion, { ...columnsOf('v'), content: jsonExpression('v.content') })} as json
   from erp_pricing_rule_set_versions v where v.rule_set_id = $1::uuid and v.id = $2::uuid`,
);

export const findVersion = async (db: Queryable, ruleSetId: string, id: string): Promise<string | undefined> =>
  (await db.query(find, [ruleSetId, id]))[0]?.json;

export interface Validity {
  readonly version: number;
  readonly valid_from: Date;
  readonly valid_until: Date | null;
}

const validities = statement<Validity>(
  'rule_set_version.validities',
  `select version, valid_from, valid_until from erp_pricing_rule_set_versions
   where rule_set_id = $1::uuid order by valid_from`,
  { parse: { version: 'int', valid_from: 'date', valid_until: 'date' } },
);
export const listValidities = (tx: Tx, ruleSetId: string): Promise<Validity[]> => tx.query(validities, [ruleSetId]);

// Whatever held at that moment ends there; what is scheduled for later stays.
const end = statement<never>(
  'rule_set_version.end',
  `update erp_pricing_rule_set_versions set valid_until = $2::timestamptz
   where rule_set_id = $1::uuid and valid_from < $2::timestamptz and (valid_until is null or valid_until > $2::timestamptz)`,
);
export const endVersion = (tx: Tx, ruleSetId: string, at: Date): void => tx.defer(end, [ruleSetId, at]);

export interface NewVersion {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly id: string;
  readonly ruleSetId: string;
  readonly version: number;
  readonly content: string;
  readonly hash: string;
  readonly validFrom: Date;
  readonly validUntil: Date | null;
}

const insert = statement<never>(
  'rule_set_version.insert',
  `insert into erp_pricing_rule_set_versions
     (tenant_id, organization_id, id, rule_set_id, version, content, hash, valid_from, valid_until)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::int, $6, $7, $8::timestamptz, $9::timestamptz)`,
);
export function insertVersion(tx: Tx, row: NewVersion): void {
  const { tenantId, organizationId, id, ruleSetId, version, content, hash, validFrom, validUntil } = row;
  tx.defer(insert, [tenantId, organizationId, id, ruleSetId, version, content, hash, validFrom, validUntil]);
}

const published = statement<JsonRow>(
  'rule_set_version.published',
  `select ${jsonSelect(PublishedRuleSet, { ...ruleSetColumns, published: columnsOf('v') })} as json, t.version
   from erp_pricing_rule_sets t join erp_pricing_rule_set_versions v on v.rule_set_id = t.id
   where t.id = $1::uuid and v.id = $2::uuid`,
  { parse: parseJsonRow },
);
export const findPublished = async (tx: Tx, ruleSetId: string, id: string): Promise<JsonRow | undefined> =>
  (await tx.query(published, [ruleSetId, id]))[0];
