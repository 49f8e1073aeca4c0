export {
  decideModule,
  type Enablement,
  type ModuleDecision,
  type ModuleFacts,
  type Span,
  spanOf,
} from './decide-module.js';
export { decideRow, describeModules, type IsFeatureEnabled, instantOf } from './describe-modules.js';
export { listModules, listProducts, type ModuleRow, type ProductRow } from './repo.js';
export { availabilityRoutes } from './routes.js';
export { type AvailabilityService, createAvailabilityService } from './service.js';
export { spansSql } from './spans-sql.js';
