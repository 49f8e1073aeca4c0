import t from 'tap';
import { percentile, ratios, spreadOf } from './statistics.js';

t.test('the median of an odd and of an even number of rounds', async (t) => {
  t.same(spreadOf([3, 1, 2]), { median: 2, low: 1, high: 3 });
  t.same(spreadOf([4, 1, 2, 3]), { median: 2.5, low: 1, high: 4 });
  t.same(spreadOf([7]), { median: 7, low: 7, high: 7 });
  t.throws(() => spreadOf([]), RangeError);
});

t.test('sorting is by number and leaves the rounds in their order', async (t) => {
  const rounds = [10, 9, 100];
  t.equal(spreadOf(rounds).median, 10);
  t.same(rounds, [10, 9, 100]);
});

t.test('percentiles by nearest rank', async (t) => {
  const values = Array.from({ length: 200 }, (_, n) => n + 1);
  t.equal(percentile(values, 50), 100);
  t.equal(percentile(values, 99), 198);
  t.equal(percentile(values, 100), 200);
  t.equal(percentile([5], 99), 5);
  t.throws(() => percentile([], 50), RangeError);
});

t.test('a ratio is taken within its round', async (t) => {
  t.same(ratios([2, 8], [1, 4]), [2, 2]);
  t.throws(() => ratios([1], [1, 2]), RangeError);
});
