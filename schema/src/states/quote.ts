import type { StateMachine } from './machine.js';

export const quoteStatuses = ['draft', 'sent', 'accepted', 'rejected', 'expired', 'superseded', 'converted'] as const;
export type QuoteStatus = (typeof quoteStatuses)[number];

export const quoteMachine: StateMachine<QuoteStatus> = {
  initial: 'draft',
  moves: {
    draft: ['sent', 'superseded'],
    sent: ['accepted', 'rejected', 'expired', 'superseded'],
    accepted: ['converted'],
    rejected: [],
    expired: [],
    superseded: [],
    converted: [],
  },
};
