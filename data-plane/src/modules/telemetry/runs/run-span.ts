import { hourMs, minuteMs } from '@platen/chassis/durations';

/** From its first moment to before its last; times in milliseconds. */
export interface Part {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a run's count is the sum of: whole hours and minutes as they are rolled up, and the readings of broken minutes. */
export interface SpanParts {
  readonly hours: Part;
  readonly minutes: readonly [Part, Part];
  readonly readings: readonly [Part, Part];
}

const floorTo = (ms: number, length: number): number => Math.floor(ms / length) * length;
const ceilTo = (ms: number, length: number): number => Math.ceil(ms / length) * length;
const part = (fromMs: number, toMs: number): Part => ({ fromMs, toMs: Math.max(fromMs, toMs) });

/** Takes the span apart: each moment of it is in one part, and none is outside. */
export function partsOfSpan({ fromMs, toMs }: Part): SpanParts {
  const firstMinute = Math.min(ceilTo(fromMs, minuteMs), toMs);
  const lastMinute = Math.max(floorTo(toMs, minuteMs), firstMinute);
  const firstHour = Math.min(ceilTo(firstMinute, hourMs), lastMinute);
  const lastHour = Math.max(floorTo(lastMinute, hourMs), firstHour);
  return {
    readings: [part(fromMs, firstMinute), part(lastMinute, toMs)],
    minutes: [part(firstMinute, firstHour), part(lastHour, lastMinute)],
    hours: part(firstHour, lastHour),
  };
}
