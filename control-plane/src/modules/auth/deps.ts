import type { KeyObject } from 'node:crypto';
import type { Cursors } from '@platen/chassis/http/cursor';
import type { AccountMails } from '../account-mails/index.js';
import type { IssueSession } from './issue-session.js';
import type { PasswordPool } from './password-pool.js';
import type { SecondFactor } from './second-factor.js';
import type { Throttles } from './throttles.js';

/** What signing in and changing credentials stand on. */
export interface AuthDeps {
  readonly passwords: PasswordPool;
  readonly issueSession: IssueSession;
  readonly refreshKey: KeyObject;
  readonly throttles: Throttles;
  readonly secondFactor: SecondFactor;
  readonly mails: AccountMails;
  readonly cursors: Cursors;
}
