export { userRoleRoutes } from './routes.js';
export { createUserRoleService } from './service.js';
