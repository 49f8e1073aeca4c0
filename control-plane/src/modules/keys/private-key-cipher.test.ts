import { randomBytes } from 'node:crypto';
import t from 'tap';
import { createTextCipher, deriveKey } from './private-key-cipher.js';

t.test('a key of one purpose reads nothing of another', async (t) => {
  const secret = randomBytes(32).toString('base64');
  const encrypted = createTextCipher(deriveKey(secret, 'signing-keys')).encrypt('private', 'kid-1');
  t.equal(createTextCipher(deriveKey(secret, 'signing-keys')).decrypt(encrypted, 'kid-1'), 'private');
  t.throws(() => createTextCipher(deriveKey(secret, 'refresh-tokens')).decrypt(encrypted, 'kid-1'));
});

t.test('a short secret is refused', async (t) => {
  t.throws(() => deriveKey('c2hvcnQ=', 'signing-keys'), /KEY_ENCRYPTION_KEY: 32 bytes/);
});
