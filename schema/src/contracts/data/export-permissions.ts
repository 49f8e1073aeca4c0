import type { PermissionCode } from '../../permissions.js';

/** What exports show: asked for when one is ordered, and when its file is read. */
export const exportConsults = [
  'erp.order.read',
  'erp.order_payment.read',
  'erp.quote.read',
  'erp.customer.read',
  'erp.stock.read',
  'erp.purchase_order.read',
  'erp.supplier.read',
] as const satisfies readonly PermissionCode[];
