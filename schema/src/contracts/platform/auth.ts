import { Type } from 'typebox';
import { contracts, platformRoles } from '../../contract.js';
import { CurrentPassword, NewPassword } from '../control/auth-account.js';
import { closed, Email, Id, literals, Name, Timestamp } from '../shapes.js';

/** Six digits (RFC 6238), or a recovery code. */
const Code = Type.String({ minLength: 6, maxLength: 32 });

/** Which administrator of the platform is signed in: the answer of sign-in, refresh and session. */
export const PlatformSession = closed({
  admin: closed({ id: Id, email: Email, name: Name, role: literals(platformRoles) }),
  /** When the access token ends; clients refresh after five minutes. */
  expires_at: Timestamp,
});

const signingIn = contracts('platform.auth', {
  login: {
    method: 'POST',
    path: '/platform/auth/login',
    access: 'platform_public',
    summary: 'Sign in to the platform with e-mail and password',
    description:
      'Sets cookies of the platform’s own. The answer is the same, and takes as long, for an unknown e-mail and a wrong password. Who has an authenticator is answered `totp_required` after the right password, and sends its code, or a recovery code, as `totp`. Failures are counted for the e-mail, known or not, for the address and for the platform; each blocks for longer and longer.',
    body: closed({ email: Email, password: CurrentPassword, totp: Type.Optional(Code) }),
    status: 200,
    response: PlatformSession,
    errors: ['invalid_credentials', 'totp_required', 'totp_invalid', 'too_many_attempts', 'sign_in_busy'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
  refresh: {
    method: 'POST',
    path: '/platform/auth/refresh',
    access: 'platform_public',
    summary: 'Exchange the platform’s refresh cookie for a new pair',
    description:
      'A refresh token serves once. A second use within 10 s, while its successor is unused, gives the same successor; any later use ends the session.',
    status: 200,
    response: PlatformSession,
    errors: ['refresh_invalid'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
  logout: {
    method: 'POST',
    path: '/platform/auth/logout',
    access: 'platform_public',
    summary: 'End this session',
    description: 'Clears the cookies. The access token is refused at once. Signing out twice is fine.',
    status: 204,
    idempotency: 'exempt',
    rateClass: 'auth',
  },
  session: {
    method: 'GET',
    path: '/platform/auth/session',
    access: { platform: 'auditor' },
    summary: 'Who am I, and in which role',
    status: 200,
    response: PlatformSession,
  },
});

const password = contracts('platform.auth.password', {
  change: {
    method: 'POST',
    path: '/platform/auth/password',
    access: { platform: 'auditor' },
    summary: 'Change my password',
    description: 'Ends my other sessions; this one goes on.',
    body: closed({ current_password: CurrentPassword, new_password: NewPassword }),
    status: 204,
    errors: ['invalid_credentials', 'password_unacceptable', 'too_many_attempts', 'sign_in_busy'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
});

const totp = contracts('platform.auth.totp', {
  create: {
    method: 'POST',
    path: '/platform/auth/totp',
    access: { platform: 'auditor' },
    summary: 'Begin to set up an authenticator',
    description: 'It counts once a code of it is confirmed; beginning again replaces it.',
    body: closed({ password: CurrentPassword }),
    status: 200,
    response: closed({ secret: Type.String(), otpauth_uri: Type.String() }),
    errors: ['invalid_credentials', 'duplicate', 'too_many_attempts', 'sign_in_busy'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
  confirm: {
    method: 'POST',
    path: '/platform/auth/totp/confirm',
    access: { platform: 'auditor' },
    summary: 'Confirm an authenticator by its first code',
    description: 'From here on signing in asks for a code. Answers ten recovery codes, shown this once.',
    body: closed({ code: Code }),
    status: 200,
    response: closed({ recovery_codes: Type.Array(Type.String()) }),
    errors: ['illegal_transition', 'totp_invalid', 'too_many_attempts'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
  delete: {
    method: 'DELETE',
    path: '/platform/auth/totp',
    access: { platform: 'auditor' },
    summary: 'Remove my authenticator',
    body: closed({ password: CurrentPassword, code: Code }),
    status: 204,
    errors: ['invalid_credentials', 'illegal_transition', 'totp_invalid', 'too_many_attempts', 'sign_in_busy'],
    rateClass: 'auth',
  },
});

export const auth = { ...signingIn, password, totp } as const;
