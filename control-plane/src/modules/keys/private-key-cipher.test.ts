import { randomBytes } from 'node:crypto';
import t from 'tap';
import { createTextCipher, deriveKey } from './private-key-cipher.js';

const secret = randomBytes(32).toString('base64');
const cipher = createTextCipher(deriveKey(secret, 'signing-keys'));

t.test('what was encrypted is read again, and looks different each time', async (t) => {
  const encrypted = cipher.encrypt('käse', 'kid-1');
  t.equal(cipher.decrypt(encrypted, 'kid-1'), 'käse');
  t.not(cipher.encrypt('käse', 'kid-1'), encrypted);
  t.notMatch(encrypted, /käse/);
});

t.test('another key, another row, or a changed byte is refused', async (t) => {
  const encrypted = cipher.encrypt('private', 'kid-1');
  t.throws(() => cipher.decrypt(encrypted, 'kid-2'));
  t.throws(() => createTextCipher(deriveKey(secret, 'refresh-tokens')).decrypt(encrypted, 'kid-1'));
  const bytes = Buffer.from(encrypted.slice(3), 'base64url');
  for (const at of [0, 12, bytes.length - 1]) {
    const altered = Buffer.from(bytes);
    altered[at] = (altered[at] ?? 0) ^ 1;
    t.throws(() => cipher.decrypt(`v1.${altered.toString('base64url')}`, 'kid-1'), `byte ${at}`);
  }
  t.throws(() => cipher.decrypt(`v1.${bytes.subarray(0, 20).toString('base64url')}`, 'kid-1'), 'cut off in the tag');
  t.throws(() => cipher.decrypt(`v2.${bytes.toString('base64url')}`, 'kid-1'));
});

t.test('a short secret is refused', async (t) => {
  t.throws(() => deriveKey('c2hvcnQ=', 'signing-keys'), /32 bytes/);
});
