import type { Module, ModuleDeps } from '../module.js';
import { categoryRoutes } from './categories/routes.js';
import { createCategoryService } from './categories/service.js';
import { designRoutes } from './designs/routes.js';
import { createDesignService } from './designs/service.js';
import { imageRoutes } from './images/routes.js';
import { createImageService } from './images/service.js';
import { productRoutes } from './products/routes.js';
import { createProductService } from './products/service.js';
import { transferRoutes } from './transfer/routes.js';
import { createTransferService } from './transfer/service.js';
import { variantRoutes } from './variants/routes.js';
import { createVariantService } from './variants/service.js';

export { insertProduct, lockProduct, updateProduct } from './products/repo.js';
export { insertVariant, updateVariant } from './variants/repo.js';

export function catalogModule({ cursors, feed }: ModuleDeps): Module {
  const deps = { cursors, findOrganization: (tenantId: string, id: string) => feed.organization(tenantId, id) };
  return {
    implementations: [
      ...categoryRoutes(createCategoryService(deps)),
      ...productRoutes(createProductService(deps)),
      ...variantRoutes(createVariantService(deps)),
      ...imageRoutes(createImageService(deps)),
      ...designRoutes(createDesignService(deps)),
      ...transferRoutes(createTransferService(deps)),
    ],
  };
}
