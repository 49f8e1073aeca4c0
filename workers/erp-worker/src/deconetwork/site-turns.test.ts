import t from 'tap';
import { createSiteTurns } from './site-turns.js';

t.test('a job that is given up does not wait for the call of another at the same site', async (t) => {
  const turns = createSiteTurns({ pauseMs: 0 });
  const { signal } = new AbortController();
  let answer: (text: string) => void = () => {};
  const long = turns.take('shop.example', signal, () => new Promise<string>((resolve) => (answer = resolve)));
  const given = new AbortController();
  let wasCalled = false;
  const second = turns.take('shop.example', given.signal, async () => {
    wasCalled = true;
  });
  given.abort(new Error('cancelled'));
  await t.rejects(second, { message: 'cancelled' });
  const third = turns.take('shop.example', signal, async () => 'third');
  answer('first');
  t.same(await Promise.all([long, third]), ['first', 'third'], 'one after the other');
  t.notOk(wasCalled);
});
