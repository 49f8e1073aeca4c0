import { boardEvents } from './board-events.js';
import { categories, products, variants } from './catalog.js';
import { catalog } from './catalog-transfer.js';
import { customers } from './customers.js';
import { designs } from './designs.js';
import { dnCalls } from './dn-calls.js';
import { dnConnections } from './dn-connections.js';
import { dnDrift } from './dn-drift.js';
import { dnImportJobs, dnSync } from './dn-imports.js';
import { dnMaps } from './dn-maps.js';
import { exports } from './exports.js';
import { files } from './files.js';
import { jobs } from './jobs.js';
import { mockups } from './mockups.js';
import { orderPayments } from './order-payments.js';
import { orders } from './orders.js';
import { pricing } from './pricing.js';
import { productImages } from './product-images.js';
import { productionBoard, productionStages } from './production.js';
import { productionJobs } from './production-jobs.js';
import { publicQuotes } from './public-quotes.js';
import { purchaseBills } from './purchase-bills.js';
import { purchaseMatch } from './purchase-match.js';
import { purchaseOrders } from './purchase-orders.js';
import { purchaseReceipts } from './purchase-receipts.js';
import { purchaseSuggestions } from './purchase-suggestions.js';
import { quotes } from './quotes.js';
import { repricing } from './repricing.js';
import { ruleSets, rules, versions } from './rule-sets.js';
import { stock, stockAdjustments, stockLocations, stockMoves } from './stock.js';
import { supplierVariants } from './supplier-variants.js';
import { suppliers } from './suppliers.js';
import { taxRates } from './tax-rates.js';
import { alertRules } from './telemetry-alert-rules.js';
import { alerts } from './telemetry-alerts.js';
import { deviceCredentials, devices } from './telemetry-devices.js';
import { jobRuns } from './telemetry-job-runs.js';
import { metrics } from './telemetry-metrics.js';
import { readings } from './telemetry-readings.js';
import { telemetryRetention } from './telemetry-retention.js';
import { telemetryLatest, telemetryLive, telemetrySeries } from './telemetry-series.js';

/** Everything the data plane serves at a tenant's host. */
export const dataContracts = {
  erp: {
    categories,
    products,
    variants,
    productImages,
    designs,
    mockups,
    catalog,
    customers,
    suppliers,
    supplierVariants,
    purchaseOrders: { ...purchaseOrders, ...purchaseMatch, ...purchaseSuggestions },
    purchaseReceipts,
    purchaseBills,
    pricing,
    repricing,
    ruleSets: { ...ruleSets, rules, versions },
    taxRates,
    quotes,
    publicQuotes,
    orders,
    orderPayments,
    stock: { ...stock, locations: stockLocations, moves: stockMoves, adjustments: stockAdjustments },
    production: { stages: productionStages, jobs: productionJobs, board: { ...productionBoard, ...boardEvents } },
    files,
    jobs,
    exports,
    dn: {
      connections: dnConnections,
      maps: dnMaps,
      importJobs: dnImportJobs,
      sync: dnSync,
      calls: dnCalls,
      drift: dnDrift,
    },
  },
  telemetry: {
    devices: { ...devices, credentials: deviceCredentials },
    metrics,
    readings,
    series: telemetrySeries,
    latest: telemetryLatest,
    live: telemetryLive,
    retention: telemetryRetention,
    alertRules,
    alerts,
    jobRuns,
  },
} as const;
