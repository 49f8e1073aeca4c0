export { roleRoutes } from './routes.js';
export { createRoleService } from './service.js';
