import fc from 'fast-check';
import t from 'tap';
import { pickPoints } from './lttb.js';

const series = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.double({ min: -1e6, max: 1e6, noNaN: true })), {
    maxLength: 400,
  })
  .map((steps) => {
    let at = 1_772_359_200_000;
    return { t: steps.map(([ms]) => (at += ms)), v: steps.map(([, value]) => value) };
  });

t.test('points are kept in order, no more than asked for, the ends and all extremes among them', async () => {
  fc.assert(
    fc.property(series, fc.integer({ min: 5, max: 200 }), ({ t: times, v }, maxPoints) => {
      const kept = pickPoints({ t: times, v }, maxPoints);
      if (times.length <= maxPoints) return kept.length === times.length;
      const inOrder = kept.every((index, n) => n === 0 || index > (kept[n - 1] ?? 0));
      const values = kept.map((index) => v[index] ?? Number.NaN);
      return (
        inOrder &&
        kept.length <= maxPoints &&
        kept[0] === 0 &&
        kept.at(-1) === times.length - 1 &&
        Math.min(...values) === Math.min(...v) &&
        Math.max(...values) === Math.max(...v)
      );
    }),
    { numRuns: 300 },
  );
});

t.test('each part keeps its own least and greatest', async () => {
  fc.assert(
    fc.property(series, fc.integer({ min: 5, max: 60 }), ({ t: times, v }, maxPoints) => {
      if (times.length <= maxPoints) return true;
      const kept = new Set(pickPoints({ t: times, v }, maxPoints));
      const parts = Math.floor((maxPoints - 2) / 3);
      const startOf = (part: number) => 1 + Math.floor((part * (times.length - 2)) / parts);
      for (let part = 0; part < parts; part += 1) {
        const [from, to] = [startOf(part), startOf(part + 1)];
        const all = v.slice(from, to);
        const left = all.filter((_, n) => kept.has(from + n));
        if (Math.min(...left) !== Math.min(...all) || Math.max(...left) !== Math.max(...all)) return false;
      }
      return true;
    }),
    { numRuns: 300 },
  );
});

t.test('the largest triangle is kept', async (t) => {
  // Between two flat parts one that bends: its corner, which is neither least nor greatest, is what stands out.
  const times = [0, 10, 20, 30, 40, 50, 60, 70];
  const kept = pickPoints({ t: times, v: [0, 0, 0, 9, 1, 0, 0, 0] }, 5);
  t.ok(kept.includes(3));
  t.same(pickPoints({ t: times, v: times }, 2), [0, 7], 'with no room for more, the ends');
  t.same(pickPoints({ t: [], v: [] }, 5), []);
});
