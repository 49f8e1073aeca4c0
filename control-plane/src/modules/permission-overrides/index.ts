export { permissionOverrideRoutes } from './routes.js';
export { createPermissionOverrideService } from './service.js';
