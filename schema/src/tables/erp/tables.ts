import { erpCategories, erpProducts, erpProductVariants } from './catalog.js';
import { erpCustomers } from './customers.js';
import { erpNumberSequences } from './number-sequences.js';
import { erpOrderLineSizes, erpOrderLines, erpOrderPayments, erpOrderStatusChanges, erpOrders } from './orders.js';
import { idempotencyKeys, inboxEvents, outboxDeadLetters, outboxEvents, outboxPositions } from './plumbing.js';
import { erpPricingRuleSets, erpPricingRuleSetVersions, erpPricingRules, erpTaxRates } from './pricing.js';
import { erpQuoteLineSizes, erpQuoteLines, erpQuotes } from './quotes.js';

/** Every table of an ERP database, by area: what migrations, access rules and the ERD derive from. */
export const erpAreas = {
  catalogue: { erpCategories, erpProducts, erpProductVariants },
  parties: { erpCustomers },
  pricing: { erpPricingRuleSets, erpPricingRules, erpPricingRuleSetVersions, erpTaxRates },
  quotes: { erpQuotes, erpQuoteLines, erpQuoteLineSizes },
  orders: { erpOrders, erpOrderLines, erpOrderLineSizes, erpOrderPayments, erpOrderStatusChanges },
  plumbing: {
    outboxEvents,
    outboxPositions,
    outboxDeadLetters,
    inboxEvents,
    idempotencyKeys,
    erpNumberSequences,
  },
} as const;

export const erpTables = {
  ...erpAreas.catalogue,
  ...erpAreas.parties,
  ...erpAreas.pricing,
  ...erpAreas.quotes,
  ...erpAreas.orders,
  ...erpAreas.plumbing,
} as const;
