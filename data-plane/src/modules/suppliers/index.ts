import type { Module, ModuleDeps } from '../module.js';
import { supplierRoutes } from './routes.js';
import { createSupplierService } from './service.js';

export const suppliersModule = ({ cursors, feed }: ModuleDeps): Module => ({
  implementations: supplierRoutes(
    createSupplierService({ cursors, findOrganization: (tenantId, id) => feed.organization(tenantId, id) }),
  ),
});
