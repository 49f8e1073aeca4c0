import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { closed, Name, nullable } from '../shapes.js';
import { Session } from './session.js';

export const invitations = contracts('auth.invitations', {
  accept: {
    method: 'POST',
    path: '/api/auth/invitations/accept',
    access: 'public',
    summary: 'Accept an invitation',
    description:
      'Somebody new chooses a name and a password and is signed in. Who has an account already gets the role, keeps the password, and signs in as ever: `session` is null.',
    body: closed({
      token: Type.String({ minLength: 1, maxLength: 256 }),
      name: Type.Optional(Name),
      password: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    }),
    status: 200,
    response: closed({ session: nullable(Session) }),
    errors: ['link_invalid', 'password_unacceptable', 'limit_reached', 'sign_in_busy'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
});
