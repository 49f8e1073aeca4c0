export { tenantHostRoutes } from './platform-routes.js';
export { storeRoutes } from './routes.js';
export { createStoreService, type StoreService } from './service.js';
