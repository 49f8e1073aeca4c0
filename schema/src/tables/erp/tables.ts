import {
  erpCategories,
  erpDesigns,
  erpProductImages,
  erpProductSearch,
  erpProducts,
  erpProductVariants,
} from './catalog.js';
import { erpCustomers } from './customers.js';
import { dnCalls, dnConnections, dnImportJobRows, dnImportJobs, dnMaps } from './deconetwork.js';
import { erpFiles } from './files.js';
import { erpStockLevels, erpStockLocations, erpStockMoves, erpStockReservations } from './inventory.js';
import { erpJobParts, erpJobs, erpRepricingRows } from './jobs.js';
import { erpNumberSequences } from './number-sequences.js';
import {
  erpOrderLineSizes,
  erpOrderLines,
  erpOrderPayments,
  erpOrderStatusChanges,
  erpOrders,
  erpOrderTaxes,
} from './orders.js';

import {
  dueWork,
  idempotencyKeys,
  inboxEvents,
  outboxDeadLetters,
  outboxEvents,
  outboxPositions,
  usageCounters,
} from './plumbing.js';
import { erpPricingRuleSets, erpPricingRuleSetVersions, erpPricingRules, erpTaxRates } from './pricing.js';
import {
  erpProductionJobDesigns,
  erpProductionJobEvents,
  erpProductionJobRuns,
  erpProductionJobs,
  erpProductionStages,
} from './production.js';
import {
  erpPurchaseBillLines,
  erpPurchaseBills,
  erpPurchaseOrderLines,
  erpPurchaseOrderStatusChanges,
  erpPurchaseOrders,
  erpPurchaseReceiptLines,
  erpPurchaseReceipts,
  erpSupplierVariants,
} from './purchasing.js';
import { erpQuoteLineSizes, erpQuoteLines, erpQuotes, erpQuoteTaxes } from './quotes.js';
import { erpSuppliers } from './suppliers.js';

/** Every table of an ERP database, by area: what migrations, access rules and the ERD derive from. */
export const erpAreas = {
  catalogue: { erpCategories, erpProducts, erpProductVariants, erpProductSearch, erpProductImages, erpDesigns },
  parties: { erpCustomers, erpSuppliers },
  pricing: { erpPricingRuleSets, erpPricingRules, erpPricingRuleSetVersions, erpTaxRates },
  quotes: { erpQuotes, erpQuoteLines, erpQuoteLineSizes, erpQuoteTaxes },
  orders: { erpOrders, erpOrderLines, erpOrderLineSizes, erpOrderTaxes, erpOrderPayments, erpOrderStatusChanges },
  inventory: { erpStockLocations, erpStockLevels, erpStockMoves, erpStockReservations },
  purchasing: {
    erpSupplierVariants,
    erpPurchaseOrders,
    erpPurchaseOrderLines,
    erpPurchaseOrderStatusChanges,
    erpPurchaseReceipts,
    erpPurchaseReceiptLines,
    erpPurchaseBills,
    erpPurchaseBillLines,
  },
  production: {
    erpProductionStages,
    erpProductionJobs,
    erpProductionJobDesigns,
    erpProductionJobEvents,
    erpProductionJobRuns,
  },
  files: { erpFiles },
  jobs: { erpJobs, erpJobParts, erpRepricingRows },
  deconetwork: { dnConnections, dnMaps, dnImportJobs, dnImportJobRows, dnCalls },
  plumbing: {
    outboxEvents,
    outboxPositions,
    outboxDeadLetters,
    inboxEvents,
    idempotencyKeys,
    dueWork,
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
  ...erpAreas.inventory,
  ...erpAreas.purchasing,
  ...erpAreas.production,
  ...erpAreas.files,
  ...erpAreas.jobs,
  ...erpAreas.deconetwork,
  ...erpAreas.plumbing,
} as const;
