export { menuRoutes } from './routes.js';
export { createMenuService, type MenuService } from './service.js';
