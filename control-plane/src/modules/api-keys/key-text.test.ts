import t from 'tap';
import { hashKey, isKey, newKey, prefixOf } from './key-text.js';

t.test('a key has a prefix to be found by and 256 random bits', async (t) => {
  const keys = Array.from({ length: 200 }, () => newKey());
  for (const { key, prefix, hash } of keys) {
    t.match(key, /^pk_[a-z2-7]{12}_[\w-]{43}$/);
    t.equal(prefixOf(key), prefix);
    t.equal(hash, hashKey(key));
    t.ok(isKey(key, hash));
  }
  t.equal(new Set(keys.map(({ prefix }) => prefix)).size, keys.length);
});

t.test('nothing else is one', async (t) => {
  const { key, hash } = newKey();
  for (const text of ['', 'pk_', `${key}A`, key.slice(0, -1), key.toUpperCase(), ` ${key}`, `${key}\n`]) {
    t.notOk(isKey(text, hash), text);
  }
  t.notOk(isKey(key, undefined), 'without a row');
  t.notOk(isKey('', undefined), 'nor is nothing the key of no row');
  for (const text of ['', 'pk__', `${key}A`, `x${key}`, `${key}\n`]) t.equal(prefixOf(text), '');
});
