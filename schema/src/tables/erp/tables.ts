import { erpCategories, erpDesigns, erpProductImages, erpProducts, erpProductVariants } from './catalog.js';
import { erpCustomers } from './customers.js';
import { erpFiles } from './files.js';
import { erpNumberSequences } from './number-sequences.js';
import {
  erpOrderLineSizes,
  erpOrderLines,
  erpOrderPayments,
  erpOrderStatusChanges,
  erpOrders,
  erpOrderTaxes,
} from './orders.js';
import { idempotencyKeys, inboxEvents, outboxDeadLetters, outboxEvents, outboxPositions } from './plumbing.js';
import { erpPricingRuleSets, erpPricingRuleSetVersions, erpPricingRules, erpTaxRates } from './pricing.js';
import { erpQuoteLineSizes, erpQuoteLines, erpQuotes, erpQuoteTaxes } from './quotes.js';
import { erpSuppliers } from './suppliers.js';
import { usageCounters } from './usage-counters.js';

/** Every table of an ERP database, by area: what migrations, access rules and the ERD derive from. */
export const erpAreas = {
  catalogue: { erpCategories, erpProducts, erpProductVariants, erpProductImages, erpDesigns },
  parties: { erpCustomers, erpSuppliers },
  pricing: { erpPricingRuleSets, erpPricingRules, erpPricingRuleSetVersions, erpTaxRates },
  quotes: { erpQuotes, erpQuoteLines, erpQuoteLineSizes, erpQuoteTaxes },
  orders: { erpOrders, erpOrderLines, erpOrderLineSizes, erpOrderTaxes, erpOrderPayments, erpOrderStatusChanges },
  files: { erpFiles },
  plumbing: {
    outboxEvents,
    outboxPositions,
    outboxDeadLetters,
    inboxEvents,
    idempotencyKeys,
    erpNumberSequences,
    usageCounters,
  },
} as const;

export const erpTables = {
  ...erpAreas.catalogue,
  ...erpAreas.parties,
  ...erpAreas.pricing,
  ...erpAreas.quotes,
  ...erpAreas.orders,
  ...erpAreas.files,
  ...erpAreas.plumbing,
} as const;
