export { storeRoutes } from './routes.js';
export { createStoreService, type StoreService } from './service.js';
