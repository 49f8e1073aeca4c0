import { Type } from 'typebox';
import { Currency, closed, Id, Timestamp } from '../contracts/shapes.js';

export const topic = 'erp.pricing_rule_set';

/** `version` is the published version's number; it holds from `valid_from` on, which may be days ahead. */
export const RuleSetPublished = closed({
  rule_set_id: Id,
  rule_set_version_id: Id,
  version: Type.Integer(),
  currency: Currency,
  valid_from: Timestamp,
});

export const pricingRuleSetEvents = {
  'erp.pricing_rule_set.published': RuleSetPublished,
} as const;
