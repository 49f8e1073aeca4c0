import { exportPrivateKey, generateSigningKey, publicJwk } from '@platen/chassis/auth/signer';
import type { Tx } from '@platen/chassis/db/types';
import { v7 as uuidv7 } from 'uuid';
import { appendChange } from '../feed/index.js';
import type { TextCipher } from './private-key-cipher.js';
import { insertActiveKey, lockAndCountActive } from './repo.js';

/** Makes the first signing key, unless there is one. Answers its id. */
export async function bootstrapSigningKey(
  db: { transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> },
  cipher: TextCipher,
): Promise<string | null> {
  // Made before the lock: it takes a while.
  const kid = uuidv7();
  const key = await generateSigningKey(kid);
  return db.transaction(async (tx) => {
    if ((await lockAndCountActive(tx)) > 0) return null;
    const jwk = publicJwk(key);
    insertActiveKey(tx, { id: uuidv7(), kid, publicJwk: jwk, encrypted: cipher.encrypt(exportPrivateKey(key), kid) });
    appendChange(tx, null, { kind: 'signing_keys', keys: [jwk] });
    return kid;
  });
}
