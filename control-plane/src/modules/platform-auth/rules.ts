import { createPlatformVerifier } from '@platen/chassis/auth/principals';
import type { KeySource } from '@platen/chassis/auth/verifier';
import { type RateLimit, rateLimit } from '@platen/chassis/cache/token-buckets';
import type { SystemDatabase } from '@platen/chassis/db/system-database';
import type { PlatformRules } from '@platen/chassis/http/platform-guard';
import { isSessionOpen } from './repo.js';

/** An administrator's, and what a page of lists asks for at once. */
const requestsPerMinute = 600;

/** Who is let in at the platform's host, and as whom the database is read there. */
export function createPlatformGuardRules(deps: {
  readonly db: SystemDatabase;
  readonly keys: KeySource;
  readonly issuer: string;
  readonly baseDomain: string;
  readonly authLimit: RateLimit;
}): Omit<PlatformRules, 'accessCookie' | 'refreshCookie' | 'isOwnOrigin'> {
  const { db } = deps;
  const requests = rateLimit('requests', requestsPerMinute);
  return {
    host: `platform.${deps.baseDomain}`,
    verifier: createPlatformVerifier(deps),
    isSessionOpen: ({ id, sessionId, role }) => isSessionOpen(db, { adminId: id, sessionId, role }),
    // One lane only: the role that sees every tenant has no pipelined one.
    openDb: () => ({ query: db.query, transaction: db.transaction, leased: db }),
    limitOf: (rateClass) => (rateClass === 'auth' ? deps.authLimit : requests),
  };
}
