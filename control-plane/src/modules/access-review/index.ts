export { createExplainService } from './explain-service.js';
export { createPreviewService } from './preview-service.js';
export { accessReviewRoutes } from './routes.js';
