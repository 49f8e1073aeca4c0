import type { Module, ModuleDeps } from '../module.js';
import { customerRoutes } from './routes.js';
import { createCustomerService } from './service.js';

export { insertCustomer, lockCustomer, updateCustomer } from './repo.js';

export const customersModule = ({ cursors, feed }: ModuleDeps): Module => ({
  implementations: customerRoutes(
    createCustomerService({ cursors, findOrganization: (tenantId, id) => feed.organization(tenantId, id) }),
  ),
});
