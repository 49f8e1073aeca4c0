import { dayMs } from '@platen/chassis/durations';
import type { SeriesStep } from '@platen/schema/contracts/data/telemetry-series';
import { type CalendarStep, type ClockStep, clockStepMs, countSteps, isClockStep, type Span } from './steps.js';

export interface StepWish {
  readonly span: Span;
  /** Points of one series. */
  readonly maxPoints: number;
  /** The least that a reading of these metrics is expected after; null: of some it is not known. */
  readonly intervalMs: number | null;
  /** Readings themselves are kept for so many days. */
  readonly rawDays: number;
  readonly nowMs: number;
}

const pickable: readonly (ClockStep | CalendarStep)[] = [
  '1s',
  '5s',
  '10s',
  '15s',
  '30s',
  '1m',
  '2m',
  '5m',
  '10m',
  '15m',
  '30m',
  '1h',
  '2h',
  '3h',
  '4h',
  '6h',
  '12h',
  '1d',
  '1w',
  '1mo',
];

/** Readings of all of this time are still there. */
export const keepsReadings = ({ span, rawDays, nowMs }: Pick<StepWish, 'span' | 'rawDays' | 'nowMs'>): boolean =>
  span.fromMs >= nowMs - rawDays * dayMs;

const needsReadings = (step: SeriesStep): boolean =>
  step === 'raw' || (isClockStep(step) && clockStepMs[step] < clockStepMs['1m']);

/**
 * The steps that give no more than `maxPoints`, the finest first; the readings themselves before all of them, if there
 * seem to be few enough. Whether there are is known when they have been read: then the next one is taken.
 */
export function listSteps(wish: StepWish): SeriesStep[] {
  const { span, maxPoints, intervalMs } = wish;
  const hasReadings = keepsReadings(wish);
  const steps: SeriesStep[] = [];
  if (hasReadings && intervalMs !== null && (span.toMs - span.fromMs) / intervalMs <= maxPoints) steps.push('raw');
  for (const step of pickable) {
    // Where nothing is known of how often it is measured, seconds may be as many readings as steps, or a thousand times as many.
    if (needsReadings(step) && (!hasReadings || intervalMs === null || intervalMs > stepMsOf(step))) continue;
    if (countSteps(step, span) <= maxPoints) steps.push(step);
  }
  return steps;
}

const stepMsOf = (step: ClockStep | CalendarStep): number => (isClockStep(step) ? clockStepMs[step] : dayMs);

/** False: it needs readings of a time of which they are no longer kept. */
export const isKept = (step: SeriesStep, kept: Pick<StepWish, 'span' | 'rawDays' | 'nowMs'>): boolean =>
  !needsReadings(step) || keepsReadings(kept);
