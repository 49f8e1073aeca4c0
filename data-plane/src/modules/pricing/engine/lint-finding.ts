import type { Rule } from '@platen/schema/contracts/data/pricing-rules';
import { type LintProblem, lintErrors } from '@platen/schema/contracts/data/rule-sets';
import type { Basket } from './basket.js';

export interface Finding {
  /** An error keeps a draft from being published. */
  readonly severity: 'error' | 'warning';
  readonly problem: LintProblem;
  /** null: about the set as a whole. */
  readonly ruleCode: string | null;
  readonly ruleId: string | null;
  /** JSON pointer into the content. */
  readonly path: string;
  /** For a person, in plain words. */
  readonly message: string;
  /** Baskets that show it, priced by these rules; where two are compared, the one with fewer pieces first. */
  readonly witness: readonly Basket[];
}

const errors: ReadonlySet<LintProblem> = new Set(lintErrors);

/** Which problems stop a publication is decided in one place: the contract's list. */
export function finding(
  problem: LintProblem,
  at: { readonly rule: Rule; readonly index: number } | null,
  below: string,
  message: string,
  witness: readonly Basket[] = [],
): Finding {
  return {
    severity: errors.has(problem) ? 'error' : 'warning',
    problem,
    ruleCode: at?.rule.code ?? null,
    ruleId: at?.rule.id ?? null,
    path: at ? `/rules/${at.index}${below}` : `/rules${below}`,
    message,
    witness,
  };
}
