import { invalidField } from '@platen/chassis/http/app-error';
import { shortestSilenceSeconds } from '@platen/schema/contracts/data/telemetry-alert-rules';
import type { AlertCondition } from '@platen/schema/states/telemetry';
import type { AlertTerms } from './machine.js';

/** The terms of a rule as its row has them. */
export interface StoredTerms {
  readonly condition: AlertCondition;
  readonly threshold: number | null;
  readonly clear_threshold: number | null;
  readonly duration_seconds: number;
}

export const termsOf = ({ condition, threshold, clear_threshold, duration_seconds }: StoredTerms): AlertTerms => ({
  condition,
  threshold,
  clearThreshold: clear_threshold,
  durationMs: duration_seconds * 1000,
});

/** What one field's schema cannot say of it beside the others. @throws AppError validation_failed, naming the field */
export function requireTerms(terms: StoredTerms, path: string): void {
  const fault = terms.condition === 'no_data' ? faultOfSilence(terms) : faultOfThreshold(terms);
  if (fault === null) return;
  const [field, message] = fault;
  throw invalidField(`${path}/${field}`, message);
}

type Fault = readonly [field: string, message: string] | null;

function faultOfSilence({ threshold, clear_threshold, duration_seconds }: StoredTerms): Fault {
  if (threshold !== null) return ['threshold', 'has no meaning with no_data'];
  if (clear_threshold !== null) return ['clear_threshold', 'has no meaning with no_data'];
  return duration_seconds < shortestSilenceSeconds
    ? ['duration_seconds', `is at least ${shortestSilenceSeconds} with no_data`]
    : null;
}

function faultOfThreshold({ condition, threshold, clear_threshold }: StoredTerms): Fault {
  if (threshold === null) return ['threshold', `is needed with ${condition}`];
  if (clear_threshold === null) return null;
  if (condition === 'above' && clear_threshold > threshold) return ['clear_threshold', 'lies above the threshold'];
  if (condition === 'below' && clear_threshold < threshold) return ['clear_threshold', 'lies below the threshold'];
  return null;
}
