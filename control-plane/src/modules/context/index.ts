export {
  chooseContextAt,
  isReachable,
  listReachable,
  noContext,
  type Organization,
  withinStore,
} from './choose-context.js';
export { listOrganizations, organizationsJson } from './repo.js';
export { contextRoutes } from './routes.js';
export { createContextService, refusalOf } from './service.js';
