import { Type } from 'typebox';
import { contracts, platformRoles } from '../../contract.js';
import { closed, Email, Id, literals, Name, Timestamp } from '../shapes.js';

/** Which administrator of the platform is signed in: the answer of sign-in, refresh and session. */
export const PlatformSession = closed({
  admin: closed({ id: Id, email: Email, name: Name, role: literals(platformRoles) }),
  /** When the access token ends; clients refresh after five minutes. */
  expires_at: Timestamp,
});

export const auth = contracts('platform.auth', {
  login: {
    method: 'POST',
    path: '/platform/auth/login',
    access: 'platform_public',
    summary: 'Sign in to the platform with e-mail and password',
    description:
      'Sets cookies of the platform’s own. The answer is the same, and takes as long, for an unknown e-mail and a wrong password.',
    body: closed({ email: Email, password: Type.String({ minLength: 1, maxLength: 128 }) }),
    status: 200,
    response: PlatformSession,
    errors: ['invalid_credentials', 'sign_in_busy'],
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
