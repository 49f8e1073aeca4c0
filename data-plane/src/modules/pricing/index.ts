import type { Module, ModuleDeps } from '../module.js';
import { pricingRoutes } from './routes.js';
import { createPricingService, type PricingService } from './service.js';

export type { BasketDecoration, BasketLine, PricedBasket, PricedFee, PricedLine } from './engine/basket.js';
export { canonicalJson, sha256 } from './engine/canonical.js';
export { type CompiledRuleSet, compileRuleSet, compileStoredVersion } from './engine/compile.js';
export { minorUnitDigits } from './engine/currency.js';
export { add, compare, type Exact, formatExact, parseExact, roundHalfUp, subtract, zero } from './engine/exact.js';
export { priceBasket } from './engine/price-basket.js';
export type { Rule, RuleSetContent } from './engine/rule-set.js';
export { verifyReceipt } from './engine/verify.js';
export { decorationsJson, lineMembers, taxesJson, totalMembers } from './json.js';
export { createPricingService, type PricingService, type RequestLine } from './service.js';

/** Shared by quotes, so that compiled rule sets are kept once. */
export const pricingServiceOf = ({ feed }: Pick<ModuleDeps, 'feed'>): PricingService =>
  createPricingService({ findOrganization: (tenantId, id) => feed.organization(tenantId, id) });

export const pricingModule = (service: PricingService): Module => ({ implementations: pricingRoutes(service) });
