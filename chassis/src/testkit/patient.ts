import type { Deadlines } from '../db/database.js';

/**
 * For what is tested on a database and has nothing to do with time: a machine may stand still for a second, and take ten
 * times as long for everything else. What waits for ever is the matter of the test's own time limit.
 */
export const patient: Deadlines = {
  pipelinedTimeoutMs: 30_000,
  statementTimeoutMs: 30_000,
  lockTimeoutMs: 30_000,
  connectTimeoutMs: 30_000,
  waitTimeoutMs: 30_000,
  leaseTimeoutMs: 60_000,
};
