import { type Static, Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import {
  Amount,
  CalendarDate,
  Code,
  Currency,
  closed,
  Id,
  IdParams,
  literals,
  Name,
  nullable,
  page,
  pageQuery,
  partial,
  stamps,
  Timestamp,
  Version,
} from '../shapes.js';
import { Decorations, ruleSetStatuses } from './pricing.js';
import {
  AreaPriceRule,
  BasePriceRule,
  CustomerPriceRule,
  DiscountRule,
  EmbroideryRule,
  MarginFloorRule,
  MinimumChargeRule,
  maxRules,
  QuantityTierRule,
  Rule,
  RuleSetContent,
  RushRule,
  ScreenPrintRule,
  SetupFeeRule,
  SizeUpchargeRule,
} from './pricing-rules.js';

export const RuleSet = closed({
  id: Id,
  code: Code,
  name: Name,
  /** `active` once a version is published; one set of a currency at most is. `retired`: no version of it is used. */
  status: literals(ruleSetStatuses),
  currency: Currency,
  unit_price_decimals: Type.Integer(),
  /** Of the draft. */
  rule_count: Type.Integer(),
  /** Number of the newest published version; null: none yet. */
  latest_version: nullable(Type.Integer()),
  /** Raised by every change of the set and of its draft's rules. */
  version: Version,
  ...stamps,
});
const unitPriceDecimals = Type.Integer({ minimum: 0, maximum: 4 });

/** As a draft takes rules: an `id` may be left out, and is then made. */
const identifiedLater = { id: Type.Optional(Id) };
export const DraftRule = Type.Union([
  closed({ ...BasePriceRule.properties, ...identifiedLater }),
  closed({ ...QuantityTierRule.properties, ...identifiedLater }),
  closed({ ...SizeUpchargeRule.properties, ...identifiedLater }),
  closed({ ...ScreenPrintRule.properties, ...identifiedLater }),
  closed({ ...EmbroideryRule.properties, ...identifiedLater }),
  closed({ ...AreaPriceRule.properties, ...identifiedLater }),
  closed({ ...SetupFeeRule.properties, ...identifiedLater }),
  closed({ ...CustomerPriceRule.properties, ...identifiedLater }),
  closed({ ...DiscountRule.properties, ...identifiedLater }),
  closed({ ...RushRule.properties, ...identifiedLater }),
  closed({ ...MinimumChargeRule.properties, ...identifiedLater }),
  closed({ ...MarginFloorRule.properties, ...identifiedLater }),
]);
export type DraftRule = Static<typeof DraftRule>;

/** `position` ascends in declared order, with gaps. */
const placed = { position: Type.Integer(), rule: Rule };
export const PlacedRule = closed(placed);
/** After a change of one rule, with the set's new version. */
export const ChangedRule = closed({ ...placed, rule_set_id: Id, version: Version });

const PublishedVersion = {
  id: Id,
  rule_set_id: Id,
  /** Counted from 1, without gaps. */
  version: Version,
  /** SHA-256 of the content's RFC 8785 form. */
  hash: Type.String(),
  valid_from: Timestamp,
  /** null: until a later version takes its place. */
  valid_until: nullable(Timestamp),
  created_at: Timestamp,
};
export const RuleSetVersionSummary = closed(PublishedVersion);
export const RuleSetVersion = closed({ ...PublishedVersion, content: RuleSetContent });
/** The set as it stands after a publication, with the version that came of it. */
export const PublishedRuleSet = closed({ ...RuleSet.properties, published: RuleSetVersionSummary });

/** What lint looks for; the reference says of each whether it stops a publication. */
export const lintErrors = [
  'duplicate_code',
  'duplicate_id',
  'base_price_absent',
  'tier_overlap',
  'tiers_unsorted',
  'tier_inverted',
  'lead_time_overlap',
  'percent_beyond_100',
  'unknown_product',
  'unknown_category',
  'unknown_customer',
] as const;
export const lintWarnings = [
  'product_without_base_price',
  'base_price_late',
  'rule_unreachable',
  'tier_unreachable',
  'tier_gap',
  'colours_gap',
  'total_drops',
  'lead_times_inverted',
  'below_cost',
  'zero_price',
  'floor_undercut',
  'unknown_group',
] as const;
export type LintProblem = (typeof lintErrors)[number] | (typeof lintWarnings)[number];

/** A basket that shows a finding, with everything that its price depends on. */
export const WitnessBasket = closed({
  price_on: CalendarDate,
  due_on: nullable(CalendarDate),
  customer: nullable(closed({ id: Id, customer_group: nullable(Code) })),
  lines: Type.Array(
    closed({
      product_id: Id,
      category_id: nullable(Id),
      base_price: Amount,
      decorations: Decorations,
      sizes: Type.Array(
        closed({
          variant_id: Id,
          quantity: Type.Integer(),
          price_delta: Amount,
          cost: nullable(Amount),
          options: Type.Record(Type.String(), Type.String()),
        }),
      ),
    }),
  ),
});
export const Finding = closed({
  /** `error`: the draft can't be published. */
  severity: literals(['error', 'warning']),
  problem: literals([...lintErrors, ...lintWarnings]),
  /** null: about the set as a whole. */
  rule_code: nullable(Code),
  rule_id: nullable(Id),
  /** JSON pointer into the rule-set content, e.g. `/rules/3/effect/tiers/1`. */
  path: Type.String(),
  message: Type.String(),
  /** Priced by the drafted rules, they show what the message says: one basket, or the one with fewer pieces first. */
  witness: Type.Array(WitnessBasket),
});
export type Finding = Static<typeof Finding>;
export const LintResult = closed({
  rule_set_id: Id,
  /** Of the draft that was looked at. */
  version: Version,
  errors: Type.Integer(),
  warnings: Type.Integer(),
  findings: Type.Array(Finding),
  /** Products whose prices were tried out, of all that are sold in the currency. */
  products_tried: Type.Integer(),
  products: Type.Integer(),
});

const read = requires('erp.pricing_rule_set.read');
const write = requires('erp.pricing_rule_set.write');
const RuleParams = closed({ id: Id, rule_id: Id });
const staleOrRetired = ['version_mismatch', 'illegal_transition'] as const;
/** Where a rule goes: before or after another one; at the end when neither is given. */
const place = { before_id: Type.Optional(Id), after_id: Type.Optional(Id) };

export const ruleSets = contracts('erp.ruleSets', {
  list: {
    method: 'GET',
    path: '/api/erp/pricing/rule-sets',
    access: read,
    summary: 'List price lists, newest first',
    query: closed({ ...pageQuery, status: Type.Optional(literals(ruleSetStatuses)) }),
    status: 200,
    response: page(RuleSet),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/pricing/rule-sets/:id',
    access: read,
    summary: 'Get a price list',
    params: IdParams,
    status: 200,
    response: RuleSet,
    versioned: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/pricing/rule-sets',
    access: write,
    summary: 'Draft a price list',
    description: 'Also while another one of the currency is active: it changes no price before it is published.',
    body: closed({
      code: Code,
      name: Name,
      /** Default: the organization’s. Fixed from then on. */
      currency: Type.Optional(Currency),
      unit_price_decimals: Type.Optional(unitPriceDecimals),
      /** Begins with a copy of this price list’s drafted rules. */
      copy_of: Type.Optional(Id),
    }),
    status: 201,
    response: RuleSet,
    versioned: true,
    errors: ['duplicate', 'unknown_reference'],
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/pricing/rule-sets/:id',
    access: write,
    summary: 'Change a price list',
    description: 'Of an active one the decimals count from the next published version on.',
    params: IdParams,
    body: partial({ code: Code, name: Name, unit_price_decimals: unitPriceDecimals }),
    status: 200,
    response: RuleSet,
    versioned: true,
    errors: ['duplicate', ...staleOrRetired],
  },
  retire: {
    method: 'POST',
    path: '/api/erp/pricing/rule-sets/:id/retire',
    access: requires('erp.pricing_rule_set.publish'),
    summary: 'Retire a price list',
    description: 'Its versions price nothing from then on; what they priced before can still be verified.',
    params: IdParams,
    status: 200,
    response: RuleSet,
    versioned: true,
    errors: staleOrRetired,
  },
  lint: {
    method: 'POST',
    path: '/api/erp/pricing/rule-sets/:id/lint',
    access: read,
    summary: 'Look for faults in the draft',
    description:
      'Errors keep it from being published; warnings do not. A finding about prices comes with a basket that shows it, of products, costs and customers as they are now.',
    params: IdParams,
    status: 200,
    response: LintResult,
    errors: ['busy'],
    idempotency: 'exempt',
    rateClass: 'compute',
  },
  publish: {
    method: 'POST',
    path: '/api/erp/pricing/rule-sets/:id/publish',
    access: requires('erp.pricing_rule_set.publish'),
    summary: 'Publish the draft as a version for good',
    description:
      'The version before ends where this one begins. One that is scheduled for later stays: this one then holds until it begins. Refused with 422 and every fault while the draft has errors, and with 409 while another price list of the currency is active, unless `replaces` names it.',
    params: IdParams,
    body: closed({
      /** Now when absent; not in the past. */
      valid_from: Type.Optional(Timestamp),
      /** The active price list of the currency whose place this one takes at once: it is retired with the same write. */
      replaces: Type.Optional(Id),
    }),
    status: 201,
    response: PublishedRuleSet,
    versioned: true,
    errors: [...staleOrRetired, 'rule_set_faulty', 'duplicate', 'unknown_reference', 'busy'],
    rateClass: 'compute',
  },
});

export const rules = contracts('erp.ruleSets.rules', {
  list: {
    method: 'GET',
    path: '/api/erp/pricing/rule-sets/:id/rules',
    access: read,
    summary: 'List the drafted rules in declared order',
    params: IdParams,
    query: closed(pageQuery),
    status: 200,
    response: page(PlacedRule),
    paged: true,
  },
  replace: {
    method: 'PUT',
    path: '/api/erp/pricing/rule-sets/:id/rules',
    access: write,
    summary: 'Replace the whole draft by a list of rules, in their order',
    description: 'Codes are stored in lower case. A rule that keeps its `id` is the same rule, also in later versions.',
    params: IdParams,
    body: closed({ rules: Type.Array(DraftRule, { maxItems: maxRules }) }),
    status: 200,
    response: RuleSet,
    versioned: true,
    errors: ['duplicate', ...staleOrRetired],
  },
  create: {
    method: 'POST',
    path: '/api/erp/pricing/rule-sets/:id/rules',
    access: write,
    summary: 'Add a rule to the draft',
    params: IdParams,
    body: closed({ rule: DraftRule, ...place }),
    status: 201,
    response: ChangedRule,
    versioned: true,
    errors: ['duplicate', 'unknown_reference', ...staleOrRetired],
  },
  update: {
    method: 'PUT',
    path: '/api/erp/pricing/rule-sets/:id/rules/:rule_id',
    access: write,
    summary: 'Replace a drafted rule in its place',
    params: RuleParams,
    body: closed({ rule: DraftRule }),
    status: 200,
    response: ChangedRule,
    versioned: true,
    errors: ['duplicate', ...staleOrRetired],
  },
  move: {
    method: 'POST',
    path: '/api/erp/pricing/rule-sets/:id/rules/:rule_id/move',
    access: write,
    summary: 'Move a drafted rule before or after another',
    params: RuleParams,
    body: closed(place),
    status: 200,
    response: ChangedRule,
    versioned: true,
    errors: ['unknown_reference', ...staleOrRetired],
  },
  delete: {
    method: 'DELETE',
    path: '/api/erp/pricing/rule-sets/:id/rules/:rule_id',
    access: write,
    summary: 'Take a rule out of the draft',
    params: RuleParams,
    status: 200,
    response: RuleSet,
    versioned: true,
    errors: staleOrRetired,
  },
});

export const versions = contracts('erp.ruleSets.versions', {
  list: {
    method: 'GET',
    path: '/api/erp/pricing/rule-sets/:id/versions',
    access: read,
    summary: 'List published versions, newest first',
    params: IdParams,
    query: closed(pageQuery),
    status: 200,
    response: page(RuleSetVersionSummary),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/pricing/rule-sets/:id/versions/:version_id',
    access: read,
    summary: 'Get a published version with its rules',
    params: closed({ id: Id, version_id: Id }),
    status: 200,
    response: RuleSetVersion,
    tagged: true,
  },
});
