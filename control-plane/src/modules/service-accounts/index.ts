export { serviceAccountRoutes } from './routes.js';
export { createServiceAccountService } from './service.js';
