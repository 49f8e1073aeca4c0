import { type Finding, lintRuleSet } from './engine/lint.js';
import type { LintTask } from './linter.js';

/** A thread's task: everything that is to be said of one draft. */
export default function lintDraft({ content, catalogue }: LintTask): Finding[] {
  return lintRuleSet(content, catalogue);
}
