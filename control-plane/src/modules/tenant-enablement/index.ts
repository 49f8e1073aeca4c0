export { tenantEnablementRoutes } from './routes.js';
export { createTenantEnablementService } from './service.js';
