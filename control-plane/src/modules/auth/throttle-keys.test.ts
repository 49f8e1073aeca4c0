import { createSecretKey, randomBytes } from 'node:crypto';
import t from 'tap';
import { networkOf, subjectOf } from './throttle-keys.js';

t.test('addresses of one household are one network', async (t) => {
  t.equal(networkOf('203.0.113.7'), '203.0.113.0/24');
  t.equal(networkOf('::ffff:203.0.113.99'), '203.0.113.0/24');
  t.equal(networkOf('::ffff:cb00:7163'), '203.0.113.0/24', 'the same, written as an IPv6 address');
  t.equal(networkOf('2001:db8:1:2:aaaa::1'), networkOf('2001:DB8:1:2:0:0:0:ffff'));
  t.equal(networkOf('2001:db8:1:2:aaaa::1'), '2001:db8:1:2::/64');
  t.equal(networkOf('2001:db8::1'), '2001:db8:0:0::/64');
  t.equal(networkOf('::1'), '0:0:0:0::/64');
  t.not(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:3::1'));
  for (const text of [null, '', 'unknown']) t.equal(networkOf(text), '');
});

t.test('a subject tells neither the e-mail nor, elsewhere, that it is the same', async (t) => {
  const key = createSecretKey(randomBytes(32));
  const subject = subjectOf(key, 'sign-in', 'sales@acme.test');
  t.match(subject, /^[0-9a-f]{64}$/);
  t.equal(subjectOf(key, 'sign-in', 'sales@acme.test'), subject);
  t.not(subjectOf(key, 'mail', 'sales@acme.test'), subject);
  t.not(subjectOf(createSecretKey(randomBytes(32)), 'sign-in', 'sales@acme.test'), subject);
});
