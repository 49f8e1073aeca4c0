export { adminRoutes } from './routes.js';
export { createAdminService } from './service.js';
