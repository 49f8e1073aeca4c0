import t from 'tap';
import { siteIsPast } from './known-status.js';

t.test('what the site has said or was told is not said again, and nothing goes back', async (t) => {
  const past = (base: string | null, written: string | null, status: 'ready' | 'shipped') =>
    siteIsPast(
      { base: base === null ? null : { status: base }, written: written === null ? {} : { status: written } },
      status,
    );
  t.notOk(past(null, null, 'ready'), 'mapped by hand, never applied');
  t.notOk(past('confirmed', null, 'ready'));
  t.notOk(past('ready', null, 'shipped'));
  t.ok(past('ready', null, 'ready'), 'an echo');
  t.ok(past('shipped', null, 'ready'), 'the site went two steps, and so did we');
  t.ok(past('confirmed', 'ready', 'ready'), 'told before');
  t.ok(past('confirmed', 'shipped', 'ready'));
  t.ok(past('cancelled', null, 'shipped'), 'a cancelled order is not woken');
  t.notOk(siteIsPast({ base: 'odd', written: 7 }, 'ready'), 'what is no record says nothing');
});
