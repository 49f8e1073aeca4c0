export { createPlanPreviewService } from './preview-service.js';
export { createProductService } from './products-service.js';
export { planRoutes } from './routes.js';
export { createPlanService } from './service.js';
