import { dayMs, hourMs } from '@platen/chassis/durations';
import { type SeriesStep, seriesSteps } from '@platen/schema/contracts/data/telemetry-series';
import fc from 'fast-check';
import t from 'tap';
import { isKept, listSteps } from './pick-source.js';
import { bucketsOf, countSteps, isClockStep, sourceOf } from './steps.js';

const nowMs = Date.parse('2026-06-15T12:34:56.789Z');
const ms = (text: string) => Date.parse(text);

t.test('a day has 23, 24 or 25 hours where clocks change, and half hours where zones have them', async (t) => {
  const days = (timeZone: string, from: string, to: string) => {
    const buckets = bucketsOf('1d', { fromMs: ms(from), toMs: ms(to) }, timeZone);
    if (buckets.kind !== 'calendar') throw new Error('days are of the calendar');
    const starts = [...buckets.startsMs, buckets.span.toMs];
    const hours = buckets.startsMs.map((startMs, n) => ((starts[n + 1] ?? 0) - startMs) / hourMs);
    return { from: new Date(starts[0] ?? 0).toISOString(), hours, source: sourceOf(buckets) };
  };
  t.same(days('Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z'), {
    from: '2026-03-27T23:00:00.000Z',
    hours: [24, 23, 24],
    source: '1h',
  });
  t.same(days('Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z').hours, [24, 25]);
  t.same(days('UTC', '2026-03-28T12:00:00Z', '2026-03-29T00:00:00Z'), {
    from: '2026-03-28T00:00:00.000Z',
    hours: [24],
    source: '1d',
  });
  t.equal(days('Europe/London', '2026-01-10T12:00:00Z', '2026-01-20T12:00:00Z').source, '1d', 'UTC by chance');
  t.equal(days('Asia/Kolkata', '2026-01-10T12:00:00Z', '2026-01-20T12:00:00Z').source, '1m');
  // Clocks go back at one in the morning: midnight is there twice, and the day begins with the first.
  t.same(days('America/Havana', '2026-10-31T12:00:00Z', '2026-11-01T12:00:00Z').hours, [24, 25]);
  // They go forward at midnight: there is none, and the day begins an hour later.
  t.same(days('Africa/Cairo', '2026-04-23T12:00:00Z', '2026-04-24T12:00:00Z').hours, [24, 23]);
});

t.test('weeks begin with Monday, months with the first', async (t) => {
  const starts = (step: SeriesStep, from: string, to: string) => {
    const buckets = bucketsOf(step, { fromMs: ms(from), toMs: ms(to) }, 'UTC');
    return buckets.kind === 'calendar' ? buckets.startsMs.map((at) => new Date(at).toISOString().slice(0, 10)) : [];
  };
  t.same(starts('1w', '2026-06-14T23:00:00Z', '2026-06-22T00:00:01Z'), ['2026-06-08', '2026-06-15', '2026-06-22']);
  t.same(starts('1mo', '2026-01-31T23:00:00Z', '2026-03-01T00:00:00Z'), ['2026-01-01', '2026-02-01']);
});

t.test(
  'buckets: whole, in order, around the span, as many as were counted at most, and made up of their source',
  async () => {
    const zones = ['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/New_York', 'Australia/Lord_Howe'];
    const spans = fc
      .tuple(fc.integer({ min: 0, max: 400 * dayMs }), fc.integer({ min: 1, max: 90 * dayMs }))
      .map(([before, long]) => ({ fromMs: nowMs - before, toMs: nowMs - before + long }));
    fc.assert(
      fc.property(fc.constantFrom(...seriesSteps), spans, fc.constantFrom(...zones), (step, span, zone) => {
        const buckets = bucketsOf(step, span, zone);
        const { fromMs, toMs } = buckets.span;
        if (step === 'raw') return fromMs === span.fromMs && toMs === span.toMs;
        const count = countSteps(step, span);
        if (buckets.kind === 'calendar') {
          const starts = buckets.startsMs;
          const inOrder = starts.every((startMs, n) => n === 0 || startMs > (starts[n - 1] ?? 0));
          return inOrder && starts.length <= count && fromMs <= span.fromMs && span.toMs <= toMs && !isClockStep(step);
        }
        return (
          buckets.kind === 'clock' &&
          fromMs % buckets.stepMs === 0 &&
          (toMs - fromMs) / buckets.stepMs === count &&
          span.fromMs - fromMs < buckets.stepMs &&
          toMs - span.toMs < buckets.stepMs
        );
      }),
      { numRuns: 300 },
    );
  },
);

t.test('the finest step that gives no more points than asked for', async (t) => {
  const pick = (days: number, maxPoints: number, intervalMs: number | null, rawDays = 35, endMs = nowMs) =>
    listSteps({ span: { fromMs: endMs - days * dayMs, toMs: endMs }, maxPoints, intervalMs, rawDays, nowMs })[0];
  t.equal(pick(1 / 24, 500, 10_000), 'raw', 'few enough readings');
  t.equal(pick(1 / 24, 500, 1_000), '10s');
  t.equal(pick(1 / 24, 500, null), '1m', 'how many readings there are is not known');
  t.equal(pick(1, 2_000, 10_000), '1m');
  t.equal(pick(1, 500, 10_000), '5m');
  t.equal(pick(30, 500, 10_000), '2h');
  t.equal(pick(365, 500, 10_000), '1d');
  t.equal(pick(3_600, 500, 10_000), '1mo' as const, 'ten years');
  t.equal(pick(3_600, 20, 10_000), undefined, 'no step is that long');
  t.equal(pick(1 / 24, 500, 10_000, 35, nowMs - 40 * dayMs), '1m', 'readings themselves are gone by then');
  const old = { span: { fromMs: nowMs - 40 * dayMs, toMs: nowMs - 39 * dayMs }, rawDays: 35, nowMs };
  t.same(
    (['raw', '10s', '1m', '1d'] as const).map((step) => isKept(step, old)),
    [false, false, true, true],
  );
});

t.test('steps that are picked keep to the points', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 60_000, max: 3_600 * dayMs }),
      fc.integer({ min: 10, max: 5_000 }),
      fc.option(fc.integer({ min: 100, max: hourMs })),
      (longMs, maxPoints, intervalMs) => {
        const span = { fromMs: nowMs - longMs, toMs: nowMs };
        return listSteps({ span, maxPoints, intervalMs, rawDays: 35, nowMs }).every(
          (step) => step === 'raw' || countSteps(step, span) <= maxPoints,
        );
      },
    ),
    { numRuns: 300 },
  );
});
