import type { ModuleCode } from './modules.js';

/**
 * The permission catalogue, seeded into `res_permissions`.
 *
 * `bit` is the permission's place in the token's bit map (`prm`). A bit is given once and never reused,
 * also after its permission is gone: an issued token would otherwise grant something else.
 */
export const permissions = {
  'admin.user_role.create': { bit: 0, module: 'platform.access', description: 'Give a user a role' },
  'admin.user_role.delete': { bit: 1, module: 'platform.access', description: 'Take a role from a user' },
  'erp.category.read': { bit: 16, module: 'erp.catalog', description: 'See categories' },
  'erp.category.write': { bit: 17, module: 'erp.catalog', description: 'Create and change categories' },
  'erp.product.read': { bit: 18, module: 'erp.catalog', description: 'See products and variants' },
  'erp.product.write': { bit: 19, module: 'erp.catalog', description: 'Create and change products and variants' },
  'erp.customer.read': { bit: 20, module: 'erp.customers', description: 'See customers' },
  'erp.customer.write': { bit: 21, module: 'erp.customers', description: 'Create and change customers' },
  'erp.price.compute': { bit: 22, module: 'erp.pricing', description: 'Price a basket' },
  'erp.quote.read': { bit: 23, module: 'erp.quotes', description: 'See quotes' },
  'erp.quote.write': { bit: 24, module: 'erp.quotes', description: 'Create and change draft quotes' },
  'erp.quote.send': { bit: 25, module: 'erp.quotes', description: 'Send a quote to its customer' },
  'erp.quote.accept': { bit: 26, module: 'erp.quotes', description: "Record a customer's acceptance of a quote" },
  'erp.quote.convert': { bit: 27, module: 'erp.quotes', description: 'Turn an accepted quote into an order' },
  'erp.order.read': { bit: 28, module: 'erp.orders', description: 'See orders' },
  'erp.order.confirm': { bit: 29, module: 'erp.orders', description: 'Confirm an order' },
  'erp.order_payment.read': { bit: 30, module: 'erp.orders', description: 'See the payments of an order' },
  'erp.order_payment.write': { bit: 31, module: 'erp.orders', description: 'Record a payment or a refund' },
} as const satisfies Record<string, { bit: number; module: ModuleCode; description: string }>;

export type PermissionCode = keyof typeof permissions;
export const permissionCodes = Object.keys(permissions) as PermissionCode[];
