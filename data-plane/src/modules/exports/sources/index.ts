import type { ExportResource } from '@platen/schema/contracts/data/exports';
import { customers, purchaseOrders, stockLevels } from './master-data.js';
import { orderLines, orders, payments } from './orders.js';
import { quotes } from './quotes.js';
import type { Source } from './source.js';

export const sources: Readonly<Record<ExportResource, Source>> = {
  orders,
  order_lines: orderLines,
  payments,
  quotes,
  customers,
  stock_levels: stockLevels,
  purchase_orders: purchaseOrders,
};
