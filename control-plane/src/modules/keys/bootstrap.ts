import type { Tx } from '@platen/chassis/db/types';
import { appendSigningKeys } from '../feed/index.js';
import { makeKey } from './make-key.js';
import type { TextCipher } from './private-key-cipher.js';
import { insertKey, listKeys, lockKeys } from './repo.js';

/** Makes the first signing key, unless one is active. Answers its id. */
export async function bootstrapSigningKey(
  db: { transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> },
  cipher: TextCipher,
): Promise<string | null> {
  const key = await makeKey(cipher);
  return db.transaction(async (tx) => {
    await lockKeys(tx);
    if ((await listKeys(tx)).some(({ status }) => status === 'active')) return null;
    await insertKey(tx, key, 'active');
    appendSigningKeys(tx);
    return key.kid;
  });
}
