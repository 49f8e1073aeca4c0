import t from 'tap';
import { drawDay } from './draw-day.js';

const stepMs = 900_000;
// Clocks go back in Berlin on this day: it has 25 hours.
const fromMs = Date.parse('2026-10-24T22:00:00.000Z');
const toMs = Date.parse('2026-10-25T23:00:00.000Z');
const at = (step: number): number => fromMs + step * stepMs;
const draw = (gaps: readonly (readonly number[])[], v: readonly (number | null)[] = [10, 20, 30]): string =>
  drawDay({
    ...{ title: 'press <1>', fromMs, toMs, timeZone: 'Europe/Berlin' },
    counted: { t: [at(28), at(29), at(40)], v, gaps, stepMs, label: 'pieces a minute' },
    state: { t: [at(28), at(30)], v: [2, 0] },
  });
const lines = (svg: string): number => svg.match(/stroke="#1f5fa8"/g)?.length ?? 0;

t.test('a line ends where nothing came', async (t) => {
  t.equal(lines(draw([])), 1);
  t.equal(lines(draw([[at(29) + 60_000, at(40) + 1]])), 2);
  t.equal(lines(draw([[fromMs, at(28) + 1]])), 1, 'not within a step, nor before the first');
  t.equal(lines(draw([], [10, null, 30])), 2);
});

t.test('hours are those of the shop, and what is written is no markup', async (t) => {
  const svg = draw([]);
  t.match(svg, 'press &lt;1>');
  const hours = [...svg.matchAll(/middle">(\d\d):00</g)].map(([, hour]) => hour);
  t.same(hours, ['00', '03', '06', '09', '12', '15', '18', '21']);
  const [midnight = 0, three = 0, six = 0] = [...svg.matchAll(/x="([\d.]+)"[^>]*middle">/g)].map(([, x]) => Number(x));
  t.ok(three - midnight > 1.3 * (six - three), 'the hour that comes twice is between midnight and three');
});
