import type { SeriesStep } from '@platen/schema/contracts/data/telemetry-series';
import { addDays, dateIn, endOfDayIn } from '../../documents/index.js';

/** What readings are kept as: what is answered comes from one of these, and from finer ones where it is not made yet. */
export const sources = ['raw', '1m', '1h', '1d'] as const;
export type Source = (typeof sources)[number];

export const sourceMs = { raw: 0, '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 } as const satisfies Record<
  Source,
  number
>;

/** Steps of the clock, which all divide a day and are counted from midnight in UTC. */
export const clockStepMs = {
  '1s': 1_000,
  '5s': 5_000,
  '10s': 10_000,
  '15s': 15_000,
  '30s': 30_000,
  '1m': 60_000,
  '2m': 120_000,
  '5m': 300_000,
  '10m': 600_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '2h': 7_200_000,
  '3h': 10_800_000,
  '4h': 14_400_000,
  '6h': 21_600_000,
  '12h': 43_200_000,
} as const satisfies Partial<Record<SeriesStep, number>>;
export type ClockStep = keyof typeof clockStepMs;
export type CalendarStep = Exclude<SeriesStep, ClockStep | 'raw'>;

export const isClockStep = (step: SeriesStep): step is ClockStep => Object.hasOwn(clockStepMs, step);

/** About how long a step is: what it takes to estimate how many there are. */
const calendarStepMs = { '1d': 86_400_000, '1w': 7 * 86_400_000, '1mo': 30 * 86_400_000 } as const satisfies Record<
  CalendarStep,
  number
>;

/** From when until when, in milliseconds since 1970; without its end. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** At most as many steps begin within whole steps around this span. */
export function countSteps(step: ClockStep | CalendarStep, { fromMs, toMs }: Span): number {
  const stepMs = isClockStep(step) ? clockStepMs[step] : calendarStepMs[step];
  return isClockStep(step)
    ? Math.ceil(toMs / stepMs) - Math.floor(fromMs / stepMs)
    : Math.ceil((toMs - fromMs) / stepMs) + 1 + (step === '1mo' ? Math.ceil((toMs - fromMs) / (360 * 86_400_000)) : 0);
}

/** The buckets of an answer. Days begin when they do in a time zone: each says when. */
export type Buckets =
  | { readonly kind: 'readings'; readonly span: Span }
  | { readonly kind: 'clock'; readonly span: Span; readonly stepMs: number }
  | { readonly kind: 'calendar'; readonly span: Span; readonly startsMs: readonly number[] };

/** Whole steps around a span: a bucket is always shown with all that is in it. */
export function bucketsOf(step: SeriesStep, span: Span, timeZone: string): Buckets {
  if (step === 'raw') return { kind: 'readings', span };
  if (isClockStep(step)) {
    const stepMs = clockStepMs[step];
    const fromMs = Math.floor(span.fromMs / stepMs) * stepMs;
    return { kind: 'clock', stepMs, span: { fromMs, toMs: Math.ceil(span.toMs / stepMs) * stepMs } };
  }
  const startsMs: number[] = [];
  let date = firstDateOf(step, dateIn(timeZone, new Date(span.fromMs)));
  let startMs = startOfDay(timeZone, date);
  while (startMs < span.toMs) {
    startsMs.push(startMs);
    const next = nextDateOf(step, date);
    startMs = startAfter(timeZone, startMs, date, next);
    date = next;
  }
  return { kind: 'calendar', startsMs, span: { fromMs: startsMs[0] ?? span.fromMs, toMs: startMs } };
}

/** The coarsest source of which whole buckets make up these. */
export function sourceOf(buckets: Buckets): Source {
  if (buckets.kind === 'readings') return 'raw';
  const fits = (ms: number): boolean =>
    buckets.kind === 'clock'
      ? buckets.stepMs % ms === 0
      : [...buckets.startsMs, buckets.span.toMs].every((startMs) => startMs % ms === 0);
  return (['1d', '1h', '1m'] as const).find((source) => fits(sourceMs[source])) ?? 'raw';
}

/** A month begins with its first day, a week with Monday (ISO 8601). */
function firstDateOf(step: CalendarStep, date: string): string {
  if (step === '1mo') return `${date.slice(0, 8)}01`;
  const sinceMonday = (new Date(`${date}T00:00:00.000Z`).getUTCDay() + 6) % 7;
  return step === '1w' ? addDays(date, -sinceMonday) : date;
}

function nextDateOf(step: CalendarStep, date: string): string {
  // The 32nd day of a month is in the next one.
  return step === '1mo' ? firstDateOf(step, addDays(date, 31)) : addDays(date, step === '1w' ? 7 : 1);
}

const startOfDay = (timeZone: string, date: string): number => endOfDayIn(timeZone, addDays(date, -1)).getTime();

/** Nearly always as many times 24 hours later as there are days between: asked first, as searching takes far longer. */
function startAfter(timeZone: string, startMs: number, date: string, next: string): number {
  const guessMs = startMs + Date.parse(`${next}T00:00:00.000Z`) - Date.parse(`${date}T00:00:00.000Z`);
  const isStart =
    dateIn(timeZone, new Date(guessMs)) === next && dateIn(timeZone, new Date(guessMs - 1)) === addDays(next, -1);
  return isStart ? guessMs : startOfDay(timeZone, next);
}
