import { randomBytes } from 'node:crypto';
import t from 'tap';
import { createTextCipher, deriveKey } from './text-cipher.js';

const secret = randomBytes(32).toString('base64');
const keyOf = (text: string, purpose = 'signing-keys') => deriveKey(text, purpose, 'SOME_KEY');
const cipher = createTextCipher(keyOf(secret));

t.test('what was encrypted is read again, and looks different each time', async (t) => {
  const encrypted = cipher.encrypt('käse', 'kid-1');
  t.equal(cipher.decrypt(encrypted, 'kid-1'), 'käse');
  t.not(cipher.encrypt('käse', 'kid-1'), encrypted);
  t.notMatch(encrypted, /käse/);
});

t.test('another key, another row, or a changed byte is refused', async (t) => {
  const encrypted = cipher.encrypt('private', 'kid-1');
  t.throws(() => cipher.decrypt(encrypted, 'kid-2'));
  t.throws(() => createTextCipher(keyOf(secret, 'refresh-tokens')).decrypt(encrypted, 'kid-1'));
  const bytes = Buffer.from(encrypted.slice(3), 'base64url');
  for (const at of [0, 12, bytes.length - 1]) {
    const altered = Buffer.from(bytes);
    altered[at] = (altered[at] ?? 0) ^ 1;
    t.throws(() => cipher.decrypt(`v1.${altered.toString('base64url')}`, 'kid-1'), `byte ${at}`);
  }
  t.throws(() => cipher.decrypt(`v1.${bytes.subarray(0, 20).toString('base64url')}`, 'kid-1'), 'cut off in the tag');
  t.throws(() => cipher.decrypt(`v2.${bytes.toString('base64url')}`, 'kid-1'));
});

t.test('a key is changed: the new one encrypts, the older one still reads', async (t) => {
  const newer = randomBytes(32).toString('base64');
  const both = createTextCipher(keyOf(newer), keyOf(secret));
  t.equal(both.decrypt(cipher.encrypt('old', 'row'), 'row'), 'old');
  const encrypted = both.encrypt('new', 'row');
  t.equal(createTextCipher(keyOf(newer)).decrypt(encrypted, 'row'), 'new');
  t.throws(() => cipher.decrypt(encrypted, 'row'), 'the older one does not encrypt');
  t.throws(() => both.decrypt(cipher.encrypt('old', 'row'), 'another row'));
});

t.test('a short secret is refused, by the name of its variable and without its value', async (t) => {
  t.throws(() => keyOf('c2hvcnQ='), /SOME_KEY: 32 bytes/);
  t.throws(() => keyOf('c2hvcnQ='), { message: /^(?!.*c2hvcnQ)/ });
});
