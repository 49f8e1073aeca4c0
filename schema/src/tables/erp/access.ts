import type { TableAccess } from '../../access.js';
import { plumbingAccess } from '../plumbing-access.js';
import type { erpTables } from './tables.js';

/** What the end of a tenant takes: deleting, within the tenant that is set, without seeing anything. */
const purge = { platen_system: ['delete'] } as const;
const catalogueRow = { class: 'shared', grants: { platen_app: ['select', 'insert', 'update'], ...purge } } as const;
const document = { class: 'scoped', grants: { platen_app: ['select', 'insert', 'update'], ...purge } } as const;
/** Parts of a draft, which an edit replaces. */
const draftPart = {
  class: 'scoped',
  grants: { platen_app: ['select', 'insert', 'update', 'delete'], ...purge },
} as const;
/** An import that is undone takes away what it made, and nothing else is ever deleted. */
const madeByImport = (table: string, key = 'id') =>
  `exists (select 1 from dn_maps m where m.tenant_id = ${table}.tenant_id and m.organization_id = ${table}.organization_id
    and m.local_id = ${table}.${key} and m.created_by_job_id is not null)`;
const importable = <C extends 'shared' | 'scoped'>(tableClass: C, table: string) =>
  ({
    class: tableClass,
    grants: { platen_app: ['select', 'insert', 'update', 'delete'], ...purge },
    deletable: madeByImport(table),
  }) as const;
const appendOnly = { class: 'scoped', grants: { platen_app: ['select', 'insert'], ...purge } } as const;

export const erpAccess = {
  erpCategories: catalogueRow,
  erpProducts: importable('shared', 'erp_products'),
  erpProductVariants: importable('shared', 'erp_product_variants'),
  // Written by triggers as whoever changes a variant, of whatever workspace that is.
  erpProductSearch: {
    class: 'plumbing',
    grants: { platen_app: ['select', 'insert', 'update'], platen_system: ['select', 'delete'] },
  },
  // An image is a reference: taking one away leaves the product.
  erpProductImages: { class: 'shared', grants: { platen_app: ['select', 'insert', 'update', 'delete'], ...purge } },
  erpDesigns: catalogueRow,
  erpCustomers: importable('shared', 'erp_customers'),
  erpSuppliers: catalogueRow,
  erpPricingRuleSets: catalogueRow,
  erpPricingRules: { class: 'shared', grants: { platen_app: ['select', 'insert', 'update', 'delete'], ...purge } },
  // Published for good: only its end may still be set.
  erpPricingRuleSetVersions: {
    class: 'shared',
    grants: { platen_app: ['select', 'insert', 'update (valid_until)'], ...purge },
  },
  erpTaxRates: { class: 'shared', grants: { platen_app: ['select', 'insert', 'update', 'delete'], ...purge } },
  erpQuotes: document,
  erpQuoteLines: draftPart,
  erpQuoteLineSizes: draftPart,
  erpQuoteTaxes: draftPart,
  erpOrders: importable('scoped', 'erp_orders'),
  erpOrderLines: draftPart,
  erpOrderLineSizes: draftPart,
  erpOrderTaxes: draftPart,
  // Never changed; gone only with an order that an import had made.
  erpOrderPayments: {
    class: 'scoped',
    grants: { platen_app: ['select', 'insert', 'delete'], ...purge },
    deletable: madeByImport('erp_order_payments', 'order_id'),
  },
  erpOrderStatusChanges: {
    class: 'scoped',
    grants: { platen_app: ['select', 'insert', 'delete'], ...purge },
    deletable: madeByImport('erp_order_status_changes', 'order_id'),
  },
  erpStockLocations: catalogueRow,
  // A location's, so of its workspace or of the whole organization.
  erpStockLevels: catalogueRow,
  erpStockMoves: { class: 'shared', grants: { platen_app: ['select', 'insert'], ...purge } },
  erpStockReservations: {
    class: 'shared',
    grants: { platen_app: ['select', 'insert', 'update', 'delete'], ...purge },
  },
  erpSupplierVariants: { class: 'shared', grants: { platen_app: ['select', 'insert', 'update', 'delete'], ...purge } },
  erpPurchaseOrders: document,
  erpPurchaseOrderLines: draftPart,
  erpPurchaseOrderStatusChanges: appendOnly,
  erpPurchaseReceipts: appendOnly,
  erpPurchaseReceiptLines: appendOnly,
  erpPurchaseBills: appendOnly,
  erpPurchaseBillLines: appendOnly,
  erpProductionStages: { class: 'shared', grants: { platen_app: ['select', 'insert', 'update', 'delete'], ...purge } },
  erpProductionJobs: document,
  erpProductionJobDesigns: document,
  erpProductionJobEvents: appendOnly,
  erpProductionJobRuns: document,
  erpFiles: { class: 'shared', grants: { platen_app: ['select', 'insert', 'update', 'delete'], ...purge } },
  erpJobs: draftPart,
  erpJobParts: draftPart,
  erpRepricingRows: draftPart,
  // A workspace's own, or of the whole organization.
  dnConnections: { class: 'shared', grants: { platen_app: ['select', 'insert', 'update', 'delete'], ...purge } },
  dnMaps: { class: 'shared', grants: { platen_app: ['select', 'insert', 'update', 'delete'], ...purge } },
  dnImportJobs: draftPart,
  dnImportJobRows: draftPart,
  dnCalls: draftPart,
  erpNumberSequences: {
    class: 'plumbing',
    grants: { platen_app: ['select', 'insert', 'update'], platen_system: ['select', 'delete'] },
  },
  ...plumbingAccess,
} as const satisfies Record<keyof typeof erpTables, TableAccess>;
