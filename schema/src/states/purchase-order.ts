import type { StateMachine } from './machine.js';

export const purchaseOrderStatuses = [
  'draft',
  'submitted',
  'approved',
  'rejected',
  'partially_received',
  'received',
  'closed',
  'cancelled',
] as const;
export type PurchaseOrderStatus = (typeof purchaseOrderStatuses)[number];

/** Cancelled only while nothing was received: what came is in stock and is sent back by other means. */
export const purchaseOrderMachine: StateMachine<PurchaseOrderStatus> = {
  initial: 'draft',
  moves: {
    draft: ['submitted', 'cancelled'],
    submitted: ['approved', 'rejected', 'cancelled'],
    rejected: ['draft', 'cancelled'],
    approved: ['partially_received', 'received', 'cancelled'],
    partially_received: ['received', 'closed'],
    received: ['closed'],
    closed: [],
    cancelled: [],
  },
};

/** On the way: the supplier owes what is not received yet. */
export const awaitedPurchaseOrderStatuses = ['approved', 'partially_received'] as const;
