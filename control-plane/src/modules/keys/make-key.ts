import { exportPrivateKey, generateSigningKey, publicJwk } from '@platen/chassis/auth/signer';
import { v7 as uuidv7 } from 'uuid';
import type { TextCipher } from './private-key-cipher.js';
import type { NewKey } from './repo.js';

/** A key pair, its private part encrypted and bound to its id. Takes a while: before any lock. */
export async function makeKey(cipher: TextCipher): Promise<NewKey> {
  const kid = uuidv7();
  const key = await generateSigningKey(kid);
  return { id: uuidv7(), kid, publicJwk: publicJwk(key), encrypted: cipher.encrypt(exportPrivateKey(key), kid) };
}
