export {
  decideModule,
  type Enablement,
  type ModuleDecision,
  type ModuleFacts,
  type Span,
  spanOf,
} from './decide-module.js';
export { spansSql } from './spans-sql.js';
