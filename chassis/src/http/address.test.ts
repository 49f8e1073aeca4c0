import t from 'tap';
import { addressOf } from './address.js';

t.test('an address is one that a database takes, or none', async (t) => {
  t.equal(addressOf('203.0.113.7'), '203.0.113.7');
  t.equal(addressOf('fe80::1%eth0'), 'fe80::1');
  t.equal(addressOf('::ffff:203.0.113.7'), '::ffff:203.0.113.7');
  for (const text of ['', 'unknown', '203.0.113.7, 10.0.0.1', '_hidden']) t.equal(addressOf(text), null, text);
  t.equal(addressOf(undefined), null, 'gone already');
});
