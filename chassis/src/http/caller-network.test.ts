import t from 'tap';
import { callerNetwork } from './caller-network.js';

t.test('IPv4: the whole address, however it is written', async (t) => {
  t.equal(callerNetwork('203.0.113.7'), '203.0.113.7');
  t.equal(callerNetwork('::ffff:203.0.113.7'), '203.0.113.7');
  t.equal(callerNetwork('::FFFF:cb00:7107'), '203.0.113.7');
  t.not(callerNetwork('203.0.113.7'), callerNetwork('203.0.113.8'));
});

t.test('IPv6: the /64, however it is written', async (t) => {
  const network = '2001:db8:0:1::/64';
  for (const ip of [
    '2001:db8:0:1::1',
    '2001:0DB8:0000:0001:ffff:ffff:ffff:ffff',
    '2001:db8:0:1:8000::',
    '2001:db8::1:0:0:0:9',
  ]) {
    t.equal(callerNetwork(ip), network, ip);
  }
  t.not(callerNetwork('2001:db8:0:2::1'), network);
  t.equal(callerNetwork('::1'), '0:0:0:0::/64');
  t.equal(callerNetwork('fe80::1%eth0'), 'fe80:0:0:0::/64');
});

t.test('what is no address stays what it is', async (t) => {
  for (const text of ['', 'localhost', '1.2.3', ':::']) t.equal(callerNetwork(text), text);
});
