import type { KeyObject } from 'node:crypto';
import type { PasswordPool, SecondFactor, Throttles } from '../auth/index.js';
import type { IssuePlatformSession } from './issue-session.js';

/** What signing in to the platform stands on. */
export interface PlatformAuthDeps {
  readonly passwords: PasswordPool;
  readonly issueSession: IssuePlatformSession;
  readonly refreshKey: KeyObject;
  readonly throttles: Throttles;
  readonly secondFactor: SecondFactor;
}
