import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { alertsByTheBook, type BookAlert, type BookReading } from './by-the-book.fixture.js';
import { type AlertEffect, type AlertInput, type AlertState, type AlertTerms, beginAt, step } from './machine.js';

const at = fc.integer({ min: 0, max: 120 });
// Few values, on and around the thresholds: equal ones matter.
const value = fc.integer({ min: 0, max: 10 });
const reading = fc.record({ atMs: at, value });
/** As they come: repeated, out of order, in whatever batches. */
const arriving = fc.array(reading, { maxLength: 60 });
const inOrder = fc.array(fc.record({ gapMs: fc.integer({ min: 0, max: 9 }), value }), { maxLength: 60 }).map((gaps) => {
  let atMs = 0;
  return gaps.map(({ gapMs, value: measured }) => {
    atMs += gapMs;
    return { atMs, value: measured };
  });
});
const history = fc.oneof(arriving, inOrder);
const durationMs = fc.integer({ min: 0, max: 30 });
const thresholds: fc.Arbitrary<AlertTerms> = fc
  .record({
    condition: fc.constantFrom('above', 'below'),
    threshold: fc.integer({ min: 3, max: 7 }),
    band: fc.option(fc.integer({ min: 0, max: 4 })),
    durationMs,
  })
  .map(({ band, ...terms }) => ({
    ...terms,
    clearThreshold: band === null ? null : terms.threshold + (terms.condition === 'above' ? -band : band),
  }));
const silence: fc.Arbitrary<AlertTerms> = durationMs.map((ms) => ({
  condition: 'no_data',
  threshold: null,
  clearThreshold: null,
  durationMs: ms + 1,
}));
const anyTerms = fc.oneof(thresholds, silence);

const asInput = (one: BookReading): AlertInput => ({ kind: 'reading', ...one });

function fold(terms: AlertTerms, state: AlertState, inputs: readonly AlertInput[]) {
  const effects: AlertEffect[] = [];
  let now = state;
  for (const input of inputs) {
    const next = step(terms, now, input);
    now = next.state;
    effects.push(...next.effects);
  }
  return { state: now, effects };
}

function alertsOf(effects: readonly AlertEffect[]): BookAlert[] {
  const alerts: BookAlert[] = [];
  for (const effect of effects) {
    if (effect.kind === 'raised') {
      alerts.push({ raisedAtMs: effect.atMs, value: effect.value, resolvedAtMs: null, peak: null });
      continue;
    }
    const open = alerts.pop();
    if (open === undefined || open.resolvedAtMs !== null) throw new Error('nothing was open');
    alerts.push({ ...open, resolvedAtMs: effect.atMs, peak: effect.peak });
  }
  return alerts;
}

t.test('what a fold raises and resolves is what the rule says of the whole history', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(anyTerms, history, (terms, readings) => {
        const untilMs = 500;
        const { state, effects } = fold(terms, beginAt(0), [...readings.map(asInput), { kind: 'tick', atMs: untilMs }]);
        const open = state.phase === 'raised';
        const told = alertsOf(effects).map((alert) =>
          alert.resolvedAtMs === null ? { ...alert, peak: state.peak } : alert,
        );
        assert.deepEqual(told, alertsByTheBook(terms, 0, readings, untilMs));
        if (open !== (told.at(-1)?.resolvedAtMs === null)) fail();
      }),
      { numRuns: 1_500 },
    ),
  );
});

t.test('never two open alerts, and never an end without a beginning or before it', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(anyTerms, history, fc.array(at, { maxLength: 10 }), (terms, readings, ticks) => {
        // Ticks anywhere, also such as come before readings of earlier times.
        const inputs = readings.map(asInput);
        for (const [n, atMs] of ticks.entries())
          inputs.splice((n * 7) % (inputs.length + 1), 0, { kind: 'tick', atMs });
        let open: number | null = null;
        for (const effect of fold(terms, beginAt(0), inputs).effects) {
          if ((effect.kind === 'raised') !== (open === null)) fail();
          if (effect.kind === 'resolved' && effect.atMs < (open ?? 0)) fail();
          open = effect.kind === 'raised' ? effect.atMs : null;
        }
      }),
    ),
  );
});

t.test('however readings are cut into batches, repeated or ticked between: the same', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(anyTerms, inOrder, fc.array(fc.nat(59), { maxLength: 8 }), (terms, readings, cuts) => {
        const whole = fold(terms, beginAt(0), readings.map(asInput));
        let state = beginAt(0);
        const effects: AlertEffect[] = [];
        const ends = [...cuts.map((cut) => cut % (readings.length + 1)), readings.length].sort((a, b) => a - b);
        let begin = 0;
        for (const end of ends) {
          // Each batch begins with some that came before, as one does that is sent again.
          const batch = readings.slice(Math.max(0, begin - 5), end).map(asInput);
          const next = readings[end]?.atMs;
          const tick: AlertInput[] = next === undefined ? [] : [{ kind: 'tick', atMs: next }];
          const done = fold(terms, state, [...batch, ...tick]);
          state = done.state;
          effects.push(...done.effects);
          begin = end;
        }
        assert.deepEqual({ state, effects }, whole);
      }),
      { numRuns: 500 },
    ),
  );
});

t.test('flapping inside the band raises no second alert', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 51, max: 99 }), { maxLength: 50 }), (values) => {
        const terms: AlertTerms = { condition: 'above', threshold: 80, clearThreshold: 50, durationMs: 0 };
        const readings = [100, ...values].map((measured, n) => ({ atMs: n + 1, value: measured }));
        const { effects } = fold(terms, beginAt(0), readings.map(asInput));
        if (effects.length !== 1) fail();
      }),
    ),
  );
});

t.test('by hand', async (t) => {
  const hot: AlertTerms = { condition: 'above', threshold: 80, clearThreshold: 70, durationMs: 10 };
  const run = (terms: AlertTerms, ...readings: readonly (readonly [number, number])[]) =>
    alertsOf(
      fold(
        terms,
        beginAt(0),
        readings.map(([atMs, v]) => asInput({ atMs, value: v })),
      ).effects,
    );
  t.same(run(hot, [1, 81], [10, 90]), [], 'not for long enough');
  t.same(run(hot, [1, 81], [11, 90]), [{ raisedAtMs: 11, value: 90, resolvedAtMs: null, peak: null }]);
  t.same(run(hot, [1, 81], [5, 80], [11, 90]), [], 'the threshold itself is not beyond it');
  t.same(
    run(hot, [1, 95], [11, 90], [12, 71], [13, 85], [14, 70]),
    [{ raisedAtMs: 11, value: 90, resolvedAtMs: 14, peak: 95 }],
    'it ends where the clear threshold is reached',
  );
  const life = step({ condition: 'no_data', threshold: null, clearThreshold: null, durationMs: 10 }, beginAt(0), {
    kind: 'sign_of_life',
    atMs: 100,
  });
  t.same(life, { state: beginAt(100), effects: [] }, 'what nobody looked at is no gap');
});

function fail(): never {
  throw new Error('not so');
}
