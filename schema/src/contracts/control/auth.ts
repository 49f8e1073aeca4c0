import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { closed, Email } from '../shapes.js';
import { email, password, passwordReset } from './auth-account.js';
import { invitations } from './auth-invitations.js';
import { sessions } from './auth-sessions.js';
import { token } from './auth-token.js';
import { totp } from './auth-totp.js';
import { CallerSession, Session } from './session.js';

export { Session };

const signingIn = contracts('auth', {
  login: {
    method: 'POST',
    path: '/api/auth/login',
    access: 'public',
    summary: 'Sign in with e-mail and password',
    description:
      'Sets the access and refresh cookies. The answer is the same, and takes as long, for an unknown e-mail and a wrong password. Who has an authenticator is answered `totp_required` after the right password, and sends its code, or a recovery code, as `totp`. Failures are counted for the e-mail, known or not, for the address and for the tenant; each blocks for longer and longer.',
    body: closed({
      email: Email,
      password: Type.String({ minLength: 1, maxLength: 128 }),
      totp: Type.Optional(
        Type.String({ minLength: 6, maxLength: 32, description: 'A code of the authenticator, or a recovery code' }),
      ),
    }),
    status: 200,
    response: Session,
    errors: [
      'invalid_credentials',
      'totp_required',
      'totp_invalid',
      'too_many_attempts',
      'sign_in_busy',
      'context_not_allowed',
    ],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
  refresh: {
    method: 'POST',
    path: '/api/auth/refresh',
    access: 'public',
    summary: 'Exchange the refresh cookie for a new pair',
    description:
      'A refresh token serves once. A second use within 10 s, while its successor is unused, gives the same successor; any later use ends the session.',
    status: 200,
    response: Session,
    errors: ['refresh_invalid', 'context_not_allowed'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
  logout: {
    method: 'POST',
    path: '/api/auth/logout',
    access: 'public',
    summary: 'End this session',
    description:
      'Clears the cookies. Every data plane refuses the access token within a second. Signing out twice is fine.',
    status: 204,
    idempotency: 'exempt',
    rateClass: 'auth',
  },
  session: {
    method: 'GET',
    path: '/api/auth/session',
    access: 'self',
    summary: 'Who am I, and in which context',
    status: 200,
    response: CallerSession,
  },
});

export const auth = { ...signingIn, token, invitations, sessions, password, passwordReset, email, totp } as const;
