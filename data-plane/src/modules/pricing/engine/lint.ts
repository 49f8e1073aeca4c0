import type { RuleSetContent } from '@platen/schema/contracts/data/pricing-rules';
import type { LintCatalogue } from './lint-catalogue.js';
import type { Finding } from './lint-finding.js';
import { createProber } from './lint-probe.js';
import { lintReach } from './lint-reach.js';
import { lintReferences } from './lint-references.js';
import { lintStructure } from './lint-structure.js';
import { lintPrices } from './lint-sweep.js';
import { lintSteps } from './lint-tiers.js';

export type { LintCatalogue, LintCustomer, LintProduct, LintVariant } from './lint-catalogue.js';
export type { Finding } from './lint-finding.js';

/**
 * What is wrong with a draft, and what may be: `severity` says which. A finding about prices was seen in the prices of
 * the engine itself, and brings the baskets that show it.
 */
export function lintRuleSet(content: RuleSetContent, catalogue: LintCatalogue): Finding[] {
  const prober = createProber(content, catalogue);
  return [
    ...lintStructure(content),
    ...lintReferences(content, catalogue.known),
    ...lintReach(prober),
    ...lintSteps(prober),
    ...lintPrices(prober),
  ];
}
