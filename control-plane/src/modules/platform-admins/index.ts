export { insertOwner } from './insert-owner.js';
export { adminRoutes } from './routes.js';
export { createAdminService } from './service.js';
