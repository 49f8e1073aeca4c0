import { implementPlatform } from '@platen/chassis/http/implement';
import type { PlatformImplementation } from '@platen/chassis/http/types';
import { plans } from '@platen/schema/contracts/platform/plans';
import { products } from '@platen/schema/contracts/platform/products';
import type { PlanPreviewService } from './preview-service.js';
import type { ProductService } from './products-service.js';
import type { PlanService } from './service.js';

export interface PlanRouteDeps {
  readonly plans: PlanService;
  readonly previews: PlanPreviewService;
  readonly products: ProductService;
}

export const planRoutes = (service: PlanRouteDeps): PlatformImplementation[] => [
  implementPlatform(products.list, ({ ctx }) => service.products.listProducts(ctx)),
  implementPlatform(products.get, ({ ctx, params }) => service.products.getProduct(ctx, params.id)),
  implementPlatform(products.update, ({ ctx, params, body }) => service.products.updateProduct(ctx, params.id, body)),
  implementPlatform(products.modules, ({ ctx, params }) => service.products.listModules(ctx, params.id)),
  implementPlatform(plans.list, ({ ctx, query }) => service.plans.listPlans(ctx, query)),
  implementPlatform(plans.get, ({ ctx, params }) => service.plans.getPlan(ctx, params.id)),
  implementPlatform(plans.create, ({ ctx, body }) => service.plans.createPlan(ctx, body)),
  implementPlatform(plans.update, ({ ctx, params, body }) => service.plans.updatePlan(ctx, params.id, body)),
  implementPlatform(plans.delete, ({ ctx, params }) => service.plans.deletePlan(ctx, params.id)),
  implementPlatform(plans.preview, ({ ctx, params, body }) => service.previews.previewPlan(ctx, params.id, body)),
];
