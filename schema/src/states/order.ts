import type { StateMachine } from './machine.js';

export const orderStatuses = [
  'draft',
  'confirmed',
  'in_production',
  'ready',
  'shipped',
  'completed',
  'cancelled',
] as const;
export type OrderStatus = (typeof orderStatuses)[number];
export const paymentStatuses = ['unpaid', 'partial', 'paid', 'refunded'] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

export const orderMachine: StateMachine<OrderStatus> = {
  initial: 'draft',
  moves: {
    draft: ['confirmed', 'cancelled'],
    confirmed: ['in_production', 'cancelled'],
    in_production: ['ready', 'cancelled'],
    ready: ['shipped', 'cancelled'],
    shipped: ['completed'],
    completed: [],
    cancelled: [],
  },
};
