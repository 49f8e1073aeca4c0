import type { KeyObject } from 'node:crypto';
import { deriveKey as deriveKeyOf } from '@platen/chassis/auth/text-cipher';

export { createTextCipher, type TextCipher } from '@platen/chassis/auth/text-cipher';

/** The key of this plane's secret for one purpose. @throws ConfigError */
export const deriveKey = (
  secret: string,
  purpose:
    | 'signing-keys'
    | 'refresh-tokens'
    | 'cursors'
    | 'account-mails'
    | 'sign-in-throttles'
    | 'second-factors'
    | 'recovery-codes',
): KeyObject => deriveKeyOf(secret, purpose, 'KEY_ENCRYPTION_KEY');
