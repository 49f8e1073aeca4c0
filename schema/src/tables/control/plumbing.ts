import * as plumbing from '../plumbing.js';

/** The plumbing of the control-plane database. */
export const idempotencyKeys = plumbing.idempotencyKeys();
