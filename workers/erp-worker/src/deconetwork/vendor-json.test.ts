import t from 'tap';
import { isVendorObject, parseVendorJson, rawBytes, rawOf, TooManyValues, type VendorObject } from './vendor-json.js';
import { withoutLogins, wordsOf } from './without-secrets.js';

const key = '0123456789abcdef0123456789abcdef01234567';

t.test('links log nobody in', async (t) => {
  const cases: readonly [text: string, safe: string][] = [
    [
      `https://shop.example/bh/orders/download_quote/1?user[id]=67&key=${key}`,
      'https://shop.example/bh/orders/download_quote/1',
    ],
    [`see https://shop.example/a?key=${key} and /b/c?user[id]=6&key=${key}.`, 'see https://shop.example/a and /b/c'],
    [`//shop.example/a?key=${key}`, '//shop.example/a'],
    [`https://user:${key}@shop.example/a#${key}`, 'https://shop.example/a'],
    [`<a href="https://shop.example/a?key=${key}">`, '<a href="https://shop.example/a">'],
    [`/go?to=https%3A%2F%2Fshop.example%2Fa%3Fkey%3D${key}`, '/go'],
    [`key=${key}`, 'key=…'],
    [`user[id]=67&key=${key}`, 'user[id]=…&key=…'],
    [`HTTPS://SHOP.EXAMPLE/A?KEY=${key}`, 'HTTPS://SHOP.EXAMPLE/A'],
    [
      `to=https%3A%2F%2Fshop.example%2Fa%3Fkey%3D${key}%26token%3D${key}`,
      'to=https%3A%2F%2Fshop.example%2Fa%3Fkey%3D…',
    ],
    [`https://shop.example?key=${key}`, 'https://shop.example'],
    ['S/M?', 'S/M?'],
    ['3/4 # of 5', '3/4 # of 5'],
    ['Größe 50% / „neu“', 'Größe 50% / „neu“'],
    ['me@shop.example', 'me@shop.example'],
  ];
  for (const [text, safe] of cases) {
    t.equal(withoutLogins(text), safe);
    t.notOk(withoutLogins(text).includes(key));
  }
});

t.test('a text that is made to be slow is not', async (t) => {
  for (const part of ['a.', '/', '//', '/?', '@', '%3f', 'key', 'key=', '//@', 'a:', '=']) {
    t.ok(withoutLogins(`${part.repeat(500_000)}=`).length > 0, part);
  }
});

t.test('what is told of an answer has nothing that was sent', async (t) => {
  t.equal(
    wordsOf(`User shop with hunter2-x:\n  https://a.example/x?key=${key} `, ['hunter2-x', 'shop']),
    'User … with …: https://a.example/x',
  );
  t.equal(wordsOf('x'.repeat(1_000), []).length, 300);
  t.equal(wordsOf('no Pa/ss?w=ord5 here', ['Pa/ss?w=ord5']), 'no … here', 'a password that looks like a link');
});

const objectOf = (text: string): VendorObject => {
  const value = parseVendorJson(text);
  if (!isVendorObject(value)) throw new Error('no object');
  return value;
};

t.test('a record is kept as it came, its numbers too', async (t) => {
  const text = '{"a":10.200000000000001,"b":1.50,"c":12345678901234567890,"d":[1e3,null,true,"x"],"e":{}}';
  t.equal(rawOf(objectOf(text)), text);
  t.equal(rawOf(objectOf('{"a":"\\u0000b\\ud800"}')), '{"a":"\ufffdb\ufffd"}', 'no character that a database refuses');
  t.equal(rawOf(objectOf('{"a":1,"a":2}')), '{"a":2}', 'of two members of a name the last');
  t.same(Object.keys(objectOf('{"__proto__":{"polluted":1},"a":1}')).includes('a'), true);
  t.equal(({} as { polluted?: unknown }).polluted, undefined);
});

t.test('an answer of more values than any page has is not made into them', async (t) => {
  for (const value of ['1', '{}', '[]', '""']) {
    t.throws(() => parseVendorJson(`[${`${value},`.repeat(1_000_001)}1]`), TooManyValues, value);
  }
  t.equal(objectOf(JSON.stringify({ notes: ','.repeat(1_500_000) }))['notes'], ','.repeat(1_500_000), 'a text is one');
});

t.test('depth has an end', async (t) => {
  t.throws(() => parseVendorJson('['.repeat(100) + ']'.repeat(100)), RangeError);
  t.throws(() => parseVendorJson('['.repeat(200_000)), Error);
});

t.test('of a record that is too large the parts that matter least are left out, by name', async (t) => {
  const notes = Array.from({ length: 500 }, () => ({ content: 'ü'.repeat(500) }));
  const large = objectOf(JSON.stringify({ order_id: 'INV1', order_lines: [{ id: '1', views: [{}] }], notes }));
  const raw = JSON.parse(rawOf(large)) as Record<string, unknown>; // of our own making
  t.same(raw['order_lines'], [{ id: '1' }]);
  t.equal(raw['notes'], undefined);
  t.ok(JSON.stringify(raw['_left_out']).includes('notes'));
  const lines = Array.from({ length: 5_000 }, (_, id) => ({ id, name: 'x'.repeat(100) }));
  const huge = rawOf(objectOf(JSON.stringify({ order_id: 'INV1', job_name: '"'.repeat(300_000), order_lines: lines })));
  t.ok(rawBytes(huge) <= 200_000);
  t.match(JSON.parse(huge), { order_id: 'INV1', _left_out: ['everything nested'] });
  const shipments = Array.from({ length: 4_000 }, (_, id) => ({ id, name: 'x'.repeat(100) }));
  const some = JSON.parse(rawOf(objectOf(JSON.stringify({ order_id: 'INV1', notes: 'n', shipments, payments: [1] }))));
  t.match(
    some,
    { order_id: 'INV1', payments: [1], shipments: undefined, notes: undefined },
    'and no more than is needed',
  );
});
