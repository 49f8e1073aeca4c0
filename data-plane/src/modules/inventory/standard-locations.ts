import type { StockLocationKind } from '@platen/schema/states/stock';

/** Each organization has one place that counts, and one of each outside. */
export const standardLocations: Readonly<Record<StockLocationKind, readonly [code: string, name: string]>> = {
  internal: ['stock', 'Stockroom'],
  supplier: ['outside/suppliers', 'Suppliers'],
  customer: ['outside/customers', 'Customers'],
  production: ['outside/production', 'Production'],
  loss: ['outside/loss', 'Counted differences and waste'],
  transit: ['outside/transit', 'On the way between locations'],
};
