import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { signingKeyStatuses } from '../../states/signing-key.js';
import { instanceKinds } from '../internal/feed.js';
import { closed, Id, literals, nullable, stamps, Timestamp } from '../shapes.js';

const Kid = Type.String({ minLength: 1, maxLength: 128, description: 'Key id, as in the header `kid` of tokens' });

export const SigningKey = closed({
  kid: Kid,
  status: literals(signingKeyStatuses),
  activated_at: nullable(Timestamp),
  /** Of a retiring key: when the last token that it signed has run out. */
  retires_at: nullable(Timestamp),
  /** Live instances that have not confirmed yet that they hold it. */
  not_held_by: Type.Array(closed({ id: Id, kind: literals(instanceKinds) })),
  ...stamps,
});

export const signingKeys = contracts('platform.signingKeys', {
  list: {
    method: 'GET',
    path: '/platform/signing-keys',
    access: { platform: 'owner' },
    summary: 'List the signing keys, newest first, and who lacks which',
    description: 'The newest hundred, revoked and retired ones included.',
    status: 200,
    response: closed({ items: Type.Array(SigningKey) }),
  },
  publish: {
    method: 'POST',
    path: '/platform/signing-keys',
    access: { platform: 'owner' },
    summary: 'Make the next signing key and publish it',
    description: 'It signs nothing yet: every live instance confirms within seconds that it holds it.',
    status: 201,
    response: SigningKey,
    errors: ['illegal_transition'],
  },
  rotate: {
    method: 'POST',
    path: '/platform/signing-keys/rotate',
    access: { platform: 'owner' },
    summary: 'Sign with the next key from now on',
    description:
      'Refused with `keys_not_held` as long as a live control plane or data plane has not confirmed that it holds the key; the answer names them in `instances`. The key before it verifies until its last token has run out.',
    status: 200,
    response: SigningKey,
    errors: ['keys_not_held', 'not_found'],
  },
  revoke: {
    method: 'POST',
    path: '/platform/signing-keys/:kid/revoke',
    access: { platform: 'owner' },
    summary: 'Refuse everything that a key has signed, from now on',
    description:
      'Of the active key: the next one, where everybody holds it, or else a new one signs at once. Everybody it signed in refreshes.',
    params: closed({ kid: Kid }),
    status: 200,
    response: SigningKey,
    errors: ['illegal_transition'],
  },
});
