import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** `pk_<prefix>_<secret>`: the prefix finds the row and tells keys apart; the secret has 256 random bits. */
const pattern = /^pk_([a-z2-7]{12})_([\w-]{43})$/;
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

export interface NewKey {
  readonly key: string;
  readonly prefix: string;
  readonly hash: string;
}

export function newKey(): NewKey {
  // Five bits of each byte: every letter is as likely.
  const prefix = Array.from(randomBytes(12), (byte) => alphabet[byte & 31]).join('');
  const key = `pk_${prefix}_${randomBytes(32).toString('base64url')}`;
  return { key, prefix, hash: hashKey(key) };
}

/** Stored in place of the key. It has 256 random bits, so a plain hash needs no salt and no stretching. */
export const hashKey = (key: string): string => createHash('sha256').update(key).digest('hex');

/** Of a text that is no key, one that no row has: it is looked up all the same, and takes as long. */
export const prefixOf = (text: string): string => pattern.exec(text)?.[1] ?? '';

/** Against nothing too: whether there is such a prefix takes no other time than whether the secret is right. */
export function isKey(text: string, hash: string | undefined): boolean {
  const given = Buffer.from(hashKey(text), 'hex');
  return timingSafeEqual(given, Buffer.from(hash ?? nothing, 'hex')) && hash !== undefined;
}

const nothing = hashKey('');
