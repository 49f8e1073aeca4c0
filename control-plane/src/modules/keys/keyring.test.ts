import { randomBytes } from 'node:crypto';
import t from 'tap';
import { createKeyring } from './keyring.js';
import { createTextCipher, deriveKey } from './private-key-cipher.js';

t.test('who asks in the moment in which a look ends begins no second one beside the next', async (t) => {
  let looks = 0;
  let atOnce = 0;
  let most = 0;
  const keyring = createKeyring({
    db: {
      async query() {
        looks += 1;
        atOnce += 1;
        most = Math.max(most, atOnce);
        await new Promise((resolve) => setImmediate(resolve));
        atOnce -= 1;
        return [];
      },
    },
    cipher: createTextCipher(deriveKey(randomBytes(32).toString('base64'), 'signing-keys')),
  });
  const first = keyring.load();
  const last = first.then(() => keyring.load());
  await Promise.all([first, keyring.load(), last]);
  t.equal(most, 1);
  t.equal(looks, 2, 'it shares the one that waits');
});
