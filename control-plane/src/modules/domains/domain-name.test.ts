import t from 'tap';
import { parseDomain } from './domain-name.js';

const parsed = (text: string) => parseDomain(text, 'platen.app');

t.test('one spelling for one host', async (t) => {
  t.equal(parsed('Shop.Example.COM'), 'shop.example.com');
  t.equal(parsed('shop.example.com.'), 'shop.example.com', 'the dot of the root is no part of a host');
  t.equal(parsed('Drück.de'), 'xn--drck-1ra.de');
  t.equal(parsed('xn--drck-1ra.de'), 'xn--drck-1ra.de');
  t.equal(parsed('ｓｈｏｐ．example。com'), 'shop.example.com', 'full-width letters and dots');
  t.equal(parsed('shop.acme.co.uk'), 'shop.acme.co.uk');
  t.equal(parsed('acme.github.io'), 'acme.github.io', 'registrable under a private suffix');
});

t.test('a name that looks like another is another', async (t) => {
  t.equal(parsed('аpple.com'), 'xn--pple-43d.com', 'with a Cyrillic a');
  t.not(parsed('аpple.com'), parsed('apple.com'));
});

t.test('what cannot be a tenant’s own', async (t) => {
  for (const text of [
    'platen.app',
    'acme.platen.app',
    'ACME.Platen.App.',
    'deep.acme.platen.app',
    'acme.ｐｌａｔｅｎ.app',
    'localhost',
    'shop',
    'com',
    'co.uk',
    'github.io',
    'printer.local',
    'acme.test',
    'acme.example',
    'acme.localhost',
    'x.internal',
    'hidden.onion',
    '1.168.192.in-addr.arpa',
    'acme.nosuchtld',
    '127.0.0.1',
    '0x7f.1',
    '2130706433',
    '[::1]',
    '::1',
    '',
    '.',
    'shop..example.com',
    '.example.com',
    'shop.example.com..',
    '*.example.com',
    'xn--a.com',
    'xn--a-.com',
    '_dmarc.example.com',
    '-a.example.com',
    'a-.example.com',
    'shop.example.com/path',
    'shop.example.com:443',
    'user@example.com',
    'https://example.com',
    'ex%61mple.com',
    'shop example.com',
    'shop.example.com\n',
    'shop.exam\u0000ple.com',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(117)}com`,
    'xn--a.com',
    'xn--.com',
  ]) {
    t.throws(() => parsed(text), { code: 'domain_unacceptable' }, JSON.stringify(text));
  }
});
