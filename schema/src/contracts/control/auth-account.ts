import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { closed, Email } from '../shapes.js';

/** One that is known: no rule but the length that a hash is made of. */
export const CurrentPassword = Type.String({ minLength: 1, maxLength: 128 });
/** Shorter ones, and those that many people have, are 422 `password_unacceptable`. */
export const NewPassword = Type.String({
  minLength: 1,
  maxLength: 128,
  description: '12 to 128 characters, and none of those that many people have',
});
/** Of a mailed link. */
export const LinkToken = Type.String({ minLength: 1, maxLength: 128, pattern: '^[\\w-]+$' });

export const password = contracts('auth.password', {
  change: {
    method: 'POST',
    path: '/api/auth/password',
    access: 'self',
    summary: 'Change my password',
    description: 'Ends my other sessions; this one goes on. A mail tells of it.',
    body: closed({ current_password: CurrentPassword, new_password: NewPassword }),
    status: 204,
    errors: ['person_required', 'invalid_credentials', 'password_unacceptable', 'too_many_attempts', 'sign_in_busy'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
});

export const passwordReset = contracts('auth.passwordReset', {
  request: {
    method: 'POST',
    path: '/api/auth/password-reset',
    access: 'public',
    summary: 'Ask for a link to set a new password',
    description:
      'The answer is the same, and takes as long, whether somebody has this e-mail or not. The link serves once, for an hour.',
    body: closed({ email: Email }),
    status: 204,
    errors: ['too_many_attempts'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
  confirm: {
    method: 'POST',
    path: '/api/auth/password-reset/confirm',
    access: 'public',
    summary: 'Set a new password by a mailed link',
    description: 'Ends every session of the account. An authenticator stays in force.',
    body: closed({ token: LinkToken, password: NewPassword }),
    status: 204,
    errors: ['link_invalid', 'password_unacceptable', 'sign_in_busy'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
});

export const email = contracts('auth.email', {
  change: {
    method: 'POST',
    path: '/api/auth/email',
    access: 'self',
    summary: 'Ask for a link that changes my e-mail',
    description:
      'The link goes to the new address and serves once, for an hour. The answer does not tell whether somebody has the address already: the link of one that is taken is refused.',
    body: closed({ new_email: Email, password: CurrentPassword }),
    status: 204,
    errors: ['person_required', 'invalid_credentials', 'too_many_attempts', 'sign_in_busy'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
  confirm: {
    method: 'POST',
    path: '/api/auth/email/confirm',
    access: 'public',
    summary: 'Change an e-mail by a mailed link',
    description: 'A mail to the former address tells of it. Tokens issued before are stale.',
    body: closed({ token: LinkToken }),
    status: 204,
    errors: ['link_invalid'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
});
