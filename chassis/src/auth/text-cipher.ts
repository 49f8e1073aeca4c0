import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { ConfigError } from '../config/load-config.js';

/** Encrypts what must not lie readable in the database. `about` is bound to the text (AAD): one row's text fits no other. */
export interface TextCipher {
  encrypt(text: string, about: string): string;
  /** @throws Error when the key is another one or the text was altered. */
  decrypt(encrypted: string, about: string): string;
}

const version = 'v1';
/** NIST SP 800-38D section 8.2: 96 random bits are enough for far more texts than keys are ever made. */
const ivBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM. Format: `v1.` and the base64url of iv, tag and ciphertext. What an older key encrypted is read as well, so
 * that a key can be changed.
 */
export function createTextCipher(key: KeyObject, ...olderKeys: readonly KeyObject[]): TextCipher {
  return {
    encrypt(text, about) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(about));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `${version}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`;
    },
    decrypt(encrypted, about) {
      const [format, encoded] = encrypted.split('.');
      if (format !== version || encoded === undefined) throw new Error('not an encrypted text of ours');
      const bytes = Buffer.from(encoded, 'base64url');
      let refusal: unknown;
      for (const candidate of [key, ...olderKeys]) {
        try {
          return open(candidate, bytes, about);
        } catch (error) {
          refusal = error;
        }
      }
      throw refusal;
    },
  };
}

function open(key: KeyObject, bytes: Buffer, about: string): string {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(about))
    .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  return decipher.update(bytes.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
}

/**
 * One secret of the environment, a key for each purpose (HKDF, RFC 5869): what one of them leaks says nothing of another.
 * @param secret 32 bytes, base64 or base64url.
 * @param variable that it came from, for the error.
 * @throws ConfigError
 */
export function deriveKey(secret: string, purpose: string, variable: string): KeyObject {
  const material = Buffer.from(secret, 'base64');
  if (material.length !== 32) throw new ConfigError([`${variable}: 32 bytes in base64 are needed`]);
  return createSecretKey(Buffer.from(hkdfSync('sha256', material, '', `platen:${purpose}`, 32)));
}
