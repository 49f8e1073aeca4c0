import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  date,
  foreignKey,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { ruleSetStatuses } from '../../contracts/data/pricing.js';
import { ruleKinds } from '../../contracts/data/pricing-rules.js';
import { createdAt, currency, id, instant, oneOf, owner, sha256, stamps, version } from '../columns.js';

export const erpPricingRuleSets = pgTable(
  'erp_pricing_rule_sets',
  {
    ...owner(),
    id: id(),
    code: text().notNull(),
    name: text().notNull(),
    status: text().notNull().default('draft'),
    /** Of every amount in its rules. */
    currency: currency().notNull(),
    /** Where a unit price is rounded. */
    unit_price_decimals: integer().notNull().default(2),
    version: version(),
    ...stamps(),
  },
  (t) => [
    check('erp_pricing_rule_sets_unit_price_decimals_check', sql`unit_price_decimals between 0 and 4`),
    primaryKey({ name: 'erp_pricing_rule_sets_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_pricing_rule_sets_code_key').on(t.tenant_id, t.organization_id, t.code),
    oneOf('erp_pricing_rule_sets', t.status, ruleSetStatuses),
  ],
);

/** The draft that the next version is published from. */
export const erpPricingRules = pgTable(
  'erp_pricing_rules',
  {
    ...owner(),
    id: id(),
    rule_set_id: uuid().notNull(),
    code: text().notNull(),
    /** Declared order of evaluation: no ties. */
    position: integer().notNull(),
    kind: text().notNull(),
    conditions: jsonb().notNull(),
    effect: jsonb().notNull(),
    stackable: boolean().notNull().default(false),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_pricing_rules_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_pricing_rules_code_key').on(t.tenant_id, t.organization_id, t.rule_set_id, t.code),
    unique('erp_pricing_rules_position_key').on(t.tenant_id, t.organization_id, t.rule_set_id, t.position),
    foreignKey({
      name: 'erp_pricing_rules_rule_set_fkey',
      columns: [t.tenant_id, t.organization_id, t.rule_set_id],
      foreignColumns: [erpPricingRuleSets.tenant_id, erpPricingRuleSets.organization_id, erpPricingRuleSets.id],
    }),
    oneOf('erp_pricing_rules', t.kind, ruleKinds),
  ],
);

/** Immutable once published: quotes name the version that priced them, and its bytes must hash the same for ever. */
export const erpPricingRuleSetVersions = pgTable(
  'erp_pricing_rule_set_versions',
  {
    ...owner(),
    id: id(),
    rule_set_id: uuid().notNull(),
    version: integer().notNull(),
    /** Canonical JSON (RFC 8785) as text: jsonb would reorder the keys. */
    content: text().notNull(),
    hash: sha256().notNull(),
    valid_from: instant().notNull(),
    valid_until: instant(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'erp_pricing_rule_set_versions_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_pricing_rule_set_versions_version_key').on(t.tenant_id, t.organization_id, t.rule_set_id, t.version),
    foreignKey({
      name: 'erp_pricing_rule_set_versions_rule_set_fkey',
      columns: [t.tenant_id, t.organization_id, t.rule_set_id],
      foreignColumns: [erpPricingRuleSets.tenant_id, erpPricingRuleSets.organization_id, erpPricingRuleSets.id],
    }),
    check('erp_pricing_rule_set_versions_validity_check', sql`valid_until > valid_from`),
  ],
);

export const erpTaxRates = pgTable(
  'erp_tax_rates',
  {
    ...owner(),
    id: id(),
    tax_class: text().notNull(),
    name: text().notNull(),
    /** 19.0000 is nineteen per cent. */
    rate_percent: numeric({ precision: 7, scale: 4 }).notNull(),
    valid_from: date().notNull(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_tax_rates_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_tax_rates_class_key').on(t.tenant_id, t.organization_id, t.tax_class, t.valid_from),
    check('erp_tax_rates_rate_percent_check', sql`rate_percent between 0 and 100`),
  ],
);
