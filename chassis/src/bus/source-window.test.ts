import { test } from 'tap';
import { SourceWindow } from './source-window.js';

const events = (...positions: number[]) => positions.map((position) => ({ position: String(position) }));

test('a position is acknowledged once everything up to it is settled', async (t) => {
  const window = new SourceWindow();
  t.equal(window.admit(events(3, 7, 9)).length, 3);
  window.settle(7n);
  t.equal(window.settledUpTo, 0n);
  t.notOk(window.hasUnconfirmed);
  window.settle(3n);
  t.equal(window.settledUpTo, 7n, 'over the gap that other topics leave');
  t.equal(window.size, 1);
  t.ok(window.hasUnconfirmed);
  window.confirm(7n);
  t.notOk(window.hasUnconfirmed);
  t.ok(window.isAhead, 'the last one is in hand, and the server does not know');
  window.settle(9n);
  window.confirm(9n);
  t.notOk(window.isAhead);
});

test('what comes a second time is not taken a second time', async (t) => {
  const window = new SourceWindow();
  window.admit(events(1, 2));
  t.same(window.admit(events(2, 3)), events(3));
  window.settle(2n);
  window.settle(2n);
  t.equal(window.settledUpTo, 0n);
  window.settle(1n);
  t.equal(window.settledUpTo, 2n);
});
