import * as plumbing from '../plumbing.js';

/** The plumbing of an ERP database. */
export const outboxEvents = plumbing.outboxEvents();
export const outboxPositions = plumbing.outboxPositions();
export const outboxDeadLetters = plumbing.outboxDeadLetters();
export const inboxEvents = plumbing.inboxEvents();
export const idempotencyKeys = plumbing.idempotencyKeys();
export const dueWork = plumbing.dueWork();
export const usageCounters = plumbing.usageCounters();
