import type { StateMachine } from './machine.js';

export const jobKinds = ['export', 'mockup', 'repricing', 'dn_sync', 'email'] as const;
export type JobKind = (typeof jobKinds)[number];

export const jobStatuses = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** `running` goes back to `queued` when its worker died, gave it up or will try again; `failed` when somebody asks for it. */
export const jobMachine: StateMachine<JobStatus> = {
  initial: 'queued',
  moves: {
    queued: ['running', 'succeeded', 'cancelled'],
    running: ['queued', 'succeeded', 'failed', 'cancelled'],
    succeeded: [],
    failed: ['queued'],
    cancelled: [],
  },
};

/** What became of one quote that a repricing looked at. */
export const repricingOutcomes = ['unchanged', 'differs', 'repriced', 'failed'] as const;
export type RepricingOutcome = (typeof repricingOutcomes)[number];
