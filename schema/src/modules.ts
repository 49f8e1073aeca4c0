/**
 * What is sold: products, their modules, and the limits a plan sets.
 * A module is the unit that a tenant has or has not (403 `module_unavailable`);
 * a feature flag switches a module off for a whole installation (404 `feature_disabled`).
 */
export const products = {
  platform: { name: 'Platform' },
  erp: { name: 'Shop ERP' },
  telemetry: { name: 'Telemetry' },
} as const;
export type ProductCode = keyof typeof products;

export const modules = {
  'platform.access': { product: 'platform', name: 'Users and access' },
  'platform.api': { product: 'platform', name: 'API keys' },
  'platform.stores': { product: 'platform', name: 'Domains and storefronts' },
  'platform.audit': { product: 'platform', name: 'Audit log' },
  'erp.catalog': { product: 'erp', name: 'Catalogue' },
  'erp.customers': { product: 'erp', name: 'Customers' },
  'erp.pricing': { product: 'erp', name: 'Pricing engine', featureFlag: 'FEATURE_PRICING_ENGINE' },
  'erp.quotes': { product: 'erp', name: 'Quotes' },
  'erp.orders': { product: 'erp', name: 'Orders' },
  'erp.files': { product: 'erp', name: 'Files' },
  'erp.purchasing': { product: 'erp', name: 'Purchasing' },
  'erp.inventory': { product: 'erp', name: 'Stock' },
  'erp.production': { product: 'erp', name: 'Production' },
  'erp.jobs': { product: 'erp', name: 'Jobs and exports' },
  'erp.mockups': { product: 'erp', name: 'Mockups', featureFlag: 'FEATURE_MOCKUPS' },
  'erp.deconetwork': { product: 'erp', name: 'DecoNetwork', featureFlag: 'FEATURE_DN_INTEGRATION' },
  'telemetry.devices': { product: 'telemetry', name: 'Devices', featureFlag: 'FEATURE_TELEMETRY' },
  'telemetry.readings': { product: 'telemetry', name: 'Readings', featureFlag: 'FEATURE_TELEMETRY' },
  'telemetry.alerts': { product: 'telemetry', name: 'Alerts', featureFlag: 'FEATURE_TELEMETRY' },
  'telemetry.runs': { product: 'telemetry', name: 'Machines and jobs', featureFlag: 'FEATURE_TELEMETRY' },
} as const satisfies Record<string, { product: ProductCode; name: string; featureFlag?: string }>;
export type ModuleCode = keyof typeof modules;

export const limitCodes = ['users', 'devices', 'requests_per_minute', 'storage_bytes', 'points_per_day'] as const;
export type LimitCode = (typeof limitCodes)[number];
