import type { Module, ModuleDeps } from '../module.js';
import type { Linter } from './linter.js';
import { pricingRoutes } from './routes.js';
import { ruleSetRoutes } from './rule-sets/routes.js';
import { createRuleService } from './rule-sets/rules-service.js';
import { createRuleSetService } from './rule-sets/service.js';
import { createPricingService, type PricingService } from './service.js';
import { createSimulateService } from './simulate/service.js';
import { taxRateRoutes } from './tax-rates/routes.js';
import { createTaxRateService } from './tax-rates/service.js';
import { createVerifyService } from './verify/service.js';

export type { BasketDecoration, BasketLine, PricedBasket, PricedFee, PricedLine } from './engine/basket.js';
export { canonicalJson, sha256 } from './engine/canonical.js';
export { type CompiledRuleSet, compileRuleSet, compileStoredVersion } from './engine/compile.js';
export { minorUnitDigits } from './engine/currency.js';
export {
  add,
  compare,
  type Exact,
  formatExact,
  formatShort,
  multiply,
  negate,
  parseExact,
  percentFactor,
  roundHalfUp,
  subtract,
  zero,
} from './engine/exact.js';
export { priceBasket } from './engine/price-basket.js';
export type { Rule, RuleSetContent } from './engine/rule-set.js';
export { verifyReceipt } from './engine/verify.js';
export { decorationsJson, lineMembers, taxesJson, totalMembers } from './json.js';
export { createLinter, type Linter } from './linter.js';
export { createPricingService, type PricingService, type RequestLine } from './service.js';

/** Shared by quotes, so that compiled rule sets are kept once. */
export const pricingServiceOf = ({ feed }: Pick<ModuleDeps, 'feed'>): PricingService =>
  createPricingService({ findOrganization: (tenantId, id) => feed.organization(tenantId, id) });

export function pricingModule({ cursors, feed }: ModuleDeps, service: PricingService, linter: Linter): Module {
  const deps = { cursors, linter, findOrganization: (tenantId: string, id: string) => feed.organization(tenantId, id) };
  return {
    implementations: [
      ...pricingRoutes(
        service,
        createVerifyService({ pricing: service }),
        createSimulateService({ ...deps, pricing: service }),
      ),
      ...ruleSetRoutes(createRuleSetService(deps), createRuleService(deps)),
      ...taxRateRoutes(createTaxRateService(deps)),
    ],
  };
}
