import t from 'tap';
import { ConfigError } from '../config/load-config.js';
import { allowedHostsOf } from './allowed-hosts.js';
import { isPublicAddress } from './public-address.js';
import { siteUrlOf } from './site-url.js';

const nobody = allowedHostsOf([]);

t.test('a site is kept in one spelling', async (t) => {
  const cases: readonly [text: string, url: string][] = [
    ['https://shop.example.com', 'https://shop.example.com'],
    ['HTTPS://Shop.Example.COM:443/', 'https://shop.example.com'],
    ['https://shop.example.com:8443', 'https://shop.example.com:8443'],
    ['https://shop.example.com./', 'https://shop.example.com'],
    ['https://drück.example', 'https://xn--drck-1ra.example'],
    ['https://XN--drck-1ra.example', 'https://xn--drck-1ra.example'],
    ['https://ｓｈｏｐ.example', 'https://shop.example'],
    ['https://%73hop.example', 'https://shop.example'],
  ];
  for (const [text, url] of cases) t.same(siteUrlOf(text, nobody), { url }, text);
});

t.test('what may lead elsewhere is no site', async (t) => {
  const cases: readonly string[] = [
    '',
    'shop.example.com',
    'http://shop.example.com',
    'ftp://shop.example.com',
    'javascript:alert(1)',
    'https://user:secret@shop.example.com',
    'https://shop.example.com@127.0.0.1',
    'https://@shop.example.com',
    'https://shop.example.com\\@127.0.0.1',
    'https:\\\\shop.example.com',
    'https://shop.example.com/api',
    'https://shop.example.com/?',
    'https://shop.example.com/?a=b',
    'https://shop.example.com/#',
    ' https://shop.example.com',
    'https://shop.exa\nmple.com',
    'https://shop.example.com\u0000',
    'https://shop\u200b.example.com',
    'https://127.0.0.1',
    'https://127.1',
    'https://2130706433',
    'https://0x7f000001',
    'https://0x7f.0.0.1',
    'https://0177.0.0.1',
    'https://017700000001',
    'https://127.0.0.1.',
    'https://①②⑦.0.0.1',
    'https://8.8.8.8',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://[::ffff:7f00:1]',
    'https://[64:ff9b::7f00:1]',
    'https://[2606:4700::1111]',
    'https://localhost',
    'https://LOCALHOST.',
    'https://me.localhost',
    'https://printer.local',
    'https://metadata.google.internal',
    'https://router',
    'https://..',
    'https://shop..example.com',
    `https://${'a'.repeat(500)}.example`,
  ];
  for (const text of cases) t.ok('problem' in siteUrlOf(text, nobody), JSON.stringify(text));
});

t.test('a host that is named may be private, and without TLS, at its port alone', async (t) => {
  const allowed = allowedHostsOf(['127.0.0.1:4455', 'Site.internal:443', '[::1]:80']);
  t.same(siteUrlOf('http://127.0.0.1:4455/', allowed), { url: 'http://127.0.0.1:4455' });
  t.same(siteUrlOf('http://2130706433:4455', allowed), { url: 'http://127.0.0.1:4455' });
  t.same(siteUrlOf('https://site.internal', allowed), { url: 'https://site.internal' });
  t.same(siteUrlOf('http://[::1]', allowed), { url: 'http://[::1]' });
  for (const text of ['http://127.0.0.1:4456', 'http://127.0.0.1', 'http://site.internal', 'ftp://127.0.0.1:4455']) {
    t.ok('problem' in siteUrlOf(text, allowed), text);
  }
});

t.test('a list that names no host and port is refused', async (t) => {
  for (const host of ['127.0.0.1', 'http://a:1', 'a:b', 'a:99999', '*:80', 'a@b:80', 'a:1/x']) {
    t.throws(() => allowedHostsOf([host]), ConfigError, host);
  }
});

t.test('addresses of the internet, and others', async (t) => {
  for (const address of ['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001:829::200e']) {
    t.ok(isPublicAddress(address), address);
  }
  const others = [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.8.8.8',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.1.1',
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::a00:1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'not an address',
    '',
  ];
  for (const address of others) t.notOk(isPublicAddress(address), address);
});
