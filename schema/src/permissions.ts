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
  'admin.user.read': { bit: 2, module: 'platform.access', description: 'See users' },
  'admin.user.write': { bit: 3, module: 'platform.access', description: 'Change, disable and enable users' },
  'admin.invitation.read': { bit: 4, module: 'platform.access', description: 'See invitations' },
  'admin.invitation.write': {
    bit: 5,
    module: 'platform.access',
    description: 'Invite users and take invitations back',
  },
  'admin.role.read': { bit: 6, module: 'platform.access', description: 'See roles and permissions' },
  'admin.role.write': { bit: 7, module: 'platform.access', description: 'Create, change and delete roles' },
  'admin.user_role.read': { bit: 8, module: 'platform.access', description: 'See who has which role' },
  'admin.permission_override.read': { bit: 9, module: 'platform.access', description: 'See permission overrides' },
  'admin.permission_override.write': {
    bit: 10,
    module: 'platform.access',
    description: 'Set and remove permission overrides',
  },
  'admin.access.explain': {
    bit: 11,
    module: 'platform.access',
    description: 'See why somebody may do something or not',
  },
  'admin.access.preview': { bit: 12, module: 'platform.access', description: 'See what a change of access would do' },
  'admin.api_key.read': { bit: 13, module: 'platform.api', description: 'See API keys' },
  'admin.api_key.write': { bit: 14, module: 'platform.api', description: 'Create and revoke API keys' },
  'admin.audit_event.read': { bit: 15, module: 'platform.audit', description: 'Read and export the audit log' },
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
  'admin.organization.read': { bit: 32, module: 'platform.access', description: 'See organizations and workspaces' },
  'admin.organization.write': {
    bit: 33,
    module: 'platform.access',
    description: 'Create, change and archive organizations',
  },
  'admin.workspace.write': { bit: 34, module: 'platform.access', description: 'Create, change and archive workspaces' },
  'admin.organization_settings.write': {
    bit: 35,
    module: 'platform.access',
    description: "Change an organization's settings",
  },
  'admin.domain.read': { bit: 36, module: 'platform.stores', description: 'See domains' },
  'admin.domain.write': { bit: 37, module: 'platform.stores', description: 'Add, verify and remove domains' },
  'admin.store.read': { bit: 38, module: 'platform.stores', description: 'See storefronts' },
  'admin.store.write': { bit: 39, module: 'platform.stores', description: 'Create, change and remove storefronts' },
} as const satisfies Record<string, { bit: number; module: ModuleCode; description: string }>;

export type PermissionCode = keyof typeof permissions;
export const permissionCodes = Object.keys(permissions) as PermissionCode[];
