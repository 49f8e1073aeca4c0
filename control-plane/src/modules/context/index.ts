export { chooseContext, isReachable, listReachable, type Organization } from './choose-context.js';
export { organizationsJson } from './repo.js';
export { contextRoutes } from './routes.js';
export { createContextService } from './service.js';
