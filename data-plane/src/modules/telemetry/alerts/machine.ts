import type { AlertCondition, AlertPhase } from '@platen/schema/states/telemetry';

/** What a rule asks of one series. */
export interface AlertTerms {
  readonly condition: AlertCondition;
  /** Null with `no_data` alone. */
  readonly threshold: number | null;
  /** What ends an alert when it is reached; null: the threshold. */
  readonly clearThreshold: number | null;
  readonly durationMs: number;
}

/** All that is remembered of a series between looks: the rest can be forgotten. */
export interface AlertState {
  readonly phase: AlertPhase;
  /** `pending`: where the condition began to hold. `raised`: when it was. `no_data`, `clear`: the last sign of life. */
  readonly sinceMs: number;
  /** Nothing up to here is looked at again. */
  readonly lookedUntilMs: number;
  /** The furthest beyond the threshold since the condition began to hold. */
  readonly peak: number | null;
}

export type AlertInput =
  | { readonly kind: 'reading'; readonly atMs: number; readonly value: number }
  /** The newest of readings of which nobody has seen the others: no gap before it is told. */
  | { readonly kind: 'sign_of_life'; readonly atMs: number }
  /** It is that time, and nothing has come since. */
  | { readonly kind: 'tick'; readonly atMs: number };

export type AlertEffect =
  | { readonly kind: 'raised'; readonly atMs: number; readonly value: number | null }
  | { readonly kind: 'resolved'; readonly atMs: number; readonly value: number | null; readonly peak: number | null };

export interface AlertStep {
  readonly state: AlertState;
  readonly effects: readonly AlertEffect[];
}

const nothing: readonly AlertEffect[] = [];

/** Where a look begins: what was before is none of the rule's business. */
export const beginAt = (atMs: number): AlertState => ({
  phase: 'clear',
  sinceMs: atMs,
  lookedUntilMs: atMs,
  peak: null,
});

/**
 * A rule at a device, one reading or tick further. Live evaluation and back-test both are a fold of it, so that they
 * cannot differ. What is not later than what was looked at changes nothing: a repeated batch, or one that comes late.
 */
export function step(terms: AlertTerms, state: AlertState, input: AlertInput): AlertStep {
  if (input.atMs <= state.lookedUntilMs && input.kind !== 'tick') return { state, effects: nothing };
  if (terms.condition === 'no_data') return stepSilence(terms, state, input);
  return input.kind === 'reading' ? stepReading(terms, state, input) : { state, effects: nothing };
}

function stepReading(
  terms: AlertTerms,
  state: AlertState,
  { atMs, value }: Extract<AlertInput, { kind: 'reading' }>,
): AlertStep {
  const { phase, sinceMs, peak } = state;
  if (phase === 'raised') {
    if (isCleared(terms, value)) {
      return { state: beginAt(atMs), effects: [{ kind: 'resolved', atMs, value, peak }] };
    }
    return {
      state: { phase, sinceMs, lookedUntilMs: atMs, peak: furthest(terms, peak, value) },
      effects: nothing,
    };
  }
  if (!isBeyond(terms, value)) return { state: beginAt(atMs), effects: nothing };
  const from = phase === 'pending' ? sinceMs : atMs;
  const next = { lookedUntilMs: atMs, peak: furthest(terms, peak, value) };
  return atMs - from >= terms.durationMs
    ? { state: { ...next, phase: 'raised', sinceMs: atMs }, effects: [{ kind: 'raised', atMs, value }] }
    : { state: { ...next, phase: 'pending', sinceMs: from }, effects: nothing };
}

/** A tick only says earlier what the next reading would say: when it was silent for too long is the same either way. */
function stepSilence({ durationMs }: AlertTerms, state: AlertState, input: AlertInput): AlertStep {
  const { phase, sinceMs, lookedUntilMs } = state;
  const { atMs } = input;
  const deadlineMs = sinceMs + durationMs;
  const raised = { kind: 'raised', atMs: deadlineMs, value: null } as const;
  const isSilent = phase !== 'raised' && atMs >= deadlineMs;
  if (input.kind === 'tick') {
    return isSilent
      ? { state: { phase: 'raised', sinceMs: deadlineMs, lookedUntilMs, peak: null }, effects: [raised] }
      : { state, effects: nothing };
  }
  const value = input.kind === 'reading' ? input.value : null;
  const next = beginAt(atMs);
  if (phase === 'raised') {
    // It may carry a time of before it was missed.
    return { state: next, effects: [{ kind: 'resolved', atMs: Math.max(atMs, sinceMs), value, peak: null }] };
  }
  return isSilent && input.kind === 'reading'
    ? { state: next, effects: [raised, { kind: 'resolved', atMs, value, peak: null }] }
    : { state: next, effects: nothing };
}

const thresholdOf = ({ threshold }: AlertTerms): number => {
  if (threshold === null) throw new Error('a threshold is missing');
  return threshold;
};
const isBeyond = (terms: AlertTerms, value: number): boolean =>
  terms.condition === 'above' ? value > thresholdOf(terms) : value < thresholdOf(terms);
const isCleared = (terms: AlertTerms, value: number): boolean => {
  const clear = terms.clearThreshold ?? thresholdOf(terms);
  return terms.condition === 'above' ? value <= clear : value >= clear;
};
const furthest = ({ condition }: AlertTerms, peak: number | null, value: number): number =>
  peak === null ? value : condition === 'above' ? Math.max(peak, value) : Math.min(peak, value);
