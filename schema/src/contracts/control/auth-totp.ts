import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { closed } from '../shapes.js';
import { CurrentPassword } from './auth-account.js';

/** Six digits (RFC 6238), or a recovery code where one may stand in for them. */
const Code = Type.String({ minLength: 6, maxLength: 32 });

export const totp = contracts('auth.totp', {
  create: {
    method: 'POST',
    path: '/api/auth/totp',
    access: 'self',
    summary: 'Begin to set up an authenticator',
    description:
      'Answers the secret, as text and as the URI that goes into a QR code. It counts once a code of it is confirmed; beginning again replaces it.',
    body: closed({ password: CurrentPassword }),
    status: 200,
    response: closed({ secret: Type.String(), otpauth_uri: Type.String() }),
    errors: ['person_required', 'invalid_credentials', 'duplicate', 'too_many_attempts', 'sign_in_busy'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
  confirm: {
    method: 'POST',
    path: '/api/auth/totp/confirm',
    access: 'self',
    summary: 'Confirm an authenticator by its first code',
    description:
      'From here on signing in asks for a code. Answers ten recovery codes, shown this once; each serves once.',
    body: closed({ code: Code }),
    status: 200,
    response: closed({ recovery_codes: Type.Array(Type.String()) }),
    errors: ['person_required', 'illegal_transition', 'totp_invalid', 'too_many_attempts'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
  delete: {
    method: 'DELETE',
    path: '/api/auth/totp',
    access: 'self',
    summary: 'Remove my authenticator',
    body: closed({ password: CurrentPassword, code: Code }),
    status: 204,
    errors: [
      'person_required',
      'invalid_credentials',
      'illegal_transition',
      'totp_invalid',
      'too_many_attempts',
      'sign_in_busy',
    ],
    rateClass: 'auth',
  },
});
