import { createHmac, type KeyObject, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

/** RFC 6238 with what every authenticator app takes: SHA-1, six digits, half a minute. */
const form = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** Steps on either side, for clocks that differ and people who type. */
const window = 1;

/** 160 bits, base32: RFC 4226 section 4 asks for as many. */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32;

export const totpUri = (secret: string, issuer: string, account: string): string =>
  new TOTP({ ...form, secret, issuer, label: account }).toString();

/** The time step that the code is of, or null. Whether the step was used before is for the caller to say. */
export function totpStepOf(secret: string, code: string, nowMs: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const delta = new TOTP({ ...form, secret }).validate({ token: code, timestamp: nowMs, window });
  return delta === null ? null : Math.floor(nowMs / 1000 / form.period) + delta;
}

const recoveryCodeCount = 10;
/** Crockford's alphabet, without what is taken for something else. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** 80 bits each, in groups that can be read out. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: recoveryCodeCount }, () => {
    const text = Array.from(randomBytes(16), (byte) => alphabet[byte & 31]).join('');
    return `${text.slice(0, 4)}-${text.slice(4, 8)}-${text.slice(8, 12)}-${text.slice(12)}`;
  });

/**
 * Keyed, so that a copy of the table is no start for guessing. Typed with or without hyphens, in any case, with the
 * letters that look like digits.
 */
export function hashRecoveryCode(key: KeyObject, code: string): string {
  const text = code
    .toLowerCase()
    .replace(/[^0-9a-z]/g, '')
    .replaceAll('o', '0')
    .replace(/[il]/g, '1');
  return createHmac('sha256', key).update(text).digest('hex');
}
