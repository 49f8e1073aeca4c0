import { createSecretKey, randomBytes } from 'node:crypto';
import { Secret } from 'otpauth';
import t from 'tap';
import { hashRecoveryCode, newRecoveryCodes, newTotpSecret, totpStepOf, totpUri } from './totp.js';

/** RFC 6238, appendix B, cut to six digits. */
const vectors = [
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
] as const;
const secret = Secret.fromUTF8('12345678901234567890').base32;

t.test('codes are those of RFC 6238', async (t) => {
  for (const [seconds, code] of vectors) t.equal(totpStepOf(secret, code, seconds * 1000), Math.floor(seconds / 30));
});

t.test('a step earlier or later is taken for what it is, two are not', async (t) => {
  const step = Math.floor(1234567890 / 30);
  for (const [steps, found] of [
    [-2, null],
    [-1, step],
    [0, step],
    [1, step],
    [2, null],
  ] as const) {
    t.equal(totpStepOf(secret, '005924', (1234567890 + steps * 30) * 1000), found, `${steps}`);
  }
});

t.test('nothing but six digits is a code', async (t) => {
  for (const code of ['', '00592', '0059240', '00592４', '+05924', ' 05924', '5924']) {
    t.equal(totpStepOf(secret, code, 1234567890_000), null, code);
  }
});

t.test('secrets and recovery codes', async (t) => {
  t.match(newTotpSecret(), /^[A-Z2-7]{32}$/, '160 bits');
  t.not(newTotpSecret(), newTotpSecret());
  t.match(
    totpUri(secret, 'Acme & Co', 'a@b.test'),
    /^otpauth:\/\/totp\/Acme%20%26%20Co:a%40b\.test\?issuer=Acme%20%26%20Co&secret=/,
  );
  const codes = newRecoveryCodes();
  t.equal(new Set(codes).size, 10);
  for (const code of codes) t.match(code, /^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
  const key = createSecretKey(randomBytes(32));
  const typed = '0k1m-0000-1111-zzzz';
  t.equal(hashRecoveryCode(key, 'OKIM oooo LLLL zzzz'), hashRecoveryCode(key, typed));
  t.not(hashRecoveryCode(createSecretKey(randomBytes(32)), typed), hashRecoveryCode(key, typed));
});
