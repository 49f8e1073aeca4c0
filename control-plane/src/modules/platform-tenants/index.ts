export { createTenantDatabasesClient, type TenantDatabasesClient } from './data-plane.js';
export { platformTenantRoutes } from './routes.js';
export { createTenantService } from './service.js';
export { createTenantUserService } from './users-service.js';
export { createTenantWork, type TenantWork } from './work.js';
