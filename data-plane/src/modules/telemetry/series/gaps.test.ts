import fc from 'fast-check';
import t from 'tap';
import { freshSpansOf, multirangeOf } from './fresh-spans.js';
import { findGaps } from './gaps.js';

t.test('gaps: before the first, between, after the last', async (t) => {
  const span = { fromMs: 0, toMs: 1_000 };
  t.same(findGaps({ firstMs: [100, 450], lastMs: [110, 600] }, span, 100), [
    [110, 450],
    [600, 1_000],
  ]);
  t.same(findGaps({ firstMs: [300], lastMs: [700] }, span, 100), [], 'three times is none yet');
  t.same(findGaps({ firstMs: [], lastMs: [] }, span, 100), [[0, 1_000]], 'nothing came at all');
});

t.test('gaps are where no reading is, and nowhere else', async () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 9_999 }), { maxLength: 60 }), (readings) => {
      const at = readings.sort((a, b) => a - b);
      const gaps = findGaps({ firstMs: at, lastMs: at }, { fromMs: 0, toMs: 10_000 }, 100);
      const edges = [0, ...at, 10_000];
      const longest = edges.flatMap((ms, n) => (n > 0 && ms - (edges[n - 1] ?? 0) > 300 ? [[edges[n - 1], ms]] : []));
      return JSON.stringify(gaps) === JSON.stringify(longest);
    }),
  );
});

t.test('what is new is taken from what is finer, in whole buckets', async (t) => {
  const at = (text: string) => Date.parse(`2026-03-01T${text}Z`);
  const span = { fromMs: at('00:00:00'), toMs: at('00:00:00') + 2 * 86_400_000 };
  const fresh = freshSpansOf(
    [
      { firstMs: at('10:59:59.999'), lastMs: at('10:59:59.999') },
      { firstMs: at('11:00:00'), lastMs: at('11:01:00') },
      { firstMs: at('13:00:00'), lastMs: at('13:00:00') },
      { firstMs: at('10:00:00') - 86_400_000, lastMs: at('10:00:01') - 86_400_000 },
    ],
    span,
  );
  t.equal(
    multirangeOf(fresh['1m']),
    '{[2026-03-01T10:59:00.000Z,2026-03-01T11:02:00.000Z),[2026-03-01T13:00:00.000Z,2026-03-01T13:01:00.000Z)}',
  );
  t.equal(
    multirangeOf(fresh['1h']),
    '{[2026-03-01T10:00:00.000Z,2026-03-01T12:00:00.000Z),[2026-03-01T13:00:00.000Z,2026-03-01T14:00:00.000Z)}',
  );
  t.equal(multirangeOf(fresh['1d']), '{[2026-03-01T00:00:00.000Z,2026-03-02T00:00:00.000Z)}');
  t.equal(multirangeOf(freshSpansOf([], span)['1m']), '{}');
});
