import type { StateMachine } from './machine.js';

export const signingKeyStatuses = ['next', 'active', 'retiring', 'retired', 'revoked'] as const;
export type SigningKeyStatus = (typeof signingKeyStatuses)[number];

/**
 * `next`: published, signs nothing yet. `active`: signs. `retiring`: verifies until its last token has run out. `retired`
 * and `revoked`: verifies nothing, its private part is erased.
 */
export const signingKeyMachine: StateMachine<SigningKeyStatus> = {
  initial: 'next',
  moves: {
    next: ['active', 'revoked'],
    active: ['retiring', 'revoked'],
    retiring: ['retired', 'revoked'],
    retired: [],
    revoked: [],
  },
};
