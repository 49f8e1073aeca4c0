import { isUniqueViolation } from '@platen/chassis/db/errors';
import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import { normalizeEmail } from '@platen/chassis/validation/normalize';
import type { BodyOf } from '@platen/schema/contract';
import type { auth } from '@platen/schema/contracts/control/auth';
import { raiseUserEpoch } from '../access/index.js';
import { recordAudit } from '../audit/index.js';
import { appendChange } from '../feed/index.js';
import * as repo from './account-repo.js';
import type { AuthDeps } from './deps.js';
import { hashLinkToken, linkTtlMs, newLinkToken } from './link-token.js';
import { personOf } from './person.js';
import { lockProven, provePassword } from './prove-password.js';
import * as tokens from './user-tokens-repo.js';

export interface EmailService {
  /** @throws AppError validation_failed, invalid_credentials, too_many_attempts, sign_in_busy */
  requestEmail(ctx: Ctx, input: BodyOf<typeof auth.email.change>): Promise<void>;
  /** @throws AppError link_invalid */
  confirmEmail(ctx: Ctx, token: string): Promise<void>;
}

type Deps = Pick<AuthDeps, 'passwords' | 'throttles' | 'mails'>;

export const createEmailService = (deps: Deps): EmailService => ({
  async requestEmail(ctx, { new_email, password }) {
    const tenantId = ctx.tenant.id;
    const { id: userId } = personOf(ctx);
    const newEmail = normalizeEmail(new_email, '/body/new_email');
    const { account } = await provePassword(deps, ctx, userId, password);
    await ctx.write(async (tx) => {
      const { name } = await lockProven(tx, tenantId, account);
      // Whether it is somebody's already, the answer must not tell: a link of one that is taken is refused.
      if (!(await deps.throttles.countMail(tx, ctx, tenantId, newEmail))) return;
      const token = newLinkToken();
      const expiresAt = new Date(ctx.now().getTime() + linkTtlMs);
      const hash = hashLinkToken(token);
      tokens.insertUserToken(tx, tenantId, {
        id: ctx.newId(),
        userId,
        kind: 'email_change',
        hash,
        newEmail,
        expiresAt,
      });
      deps.mails.queue(tx, ctx, { kind: 'email_change', to: { email: newEmail, name }, userId, token, expiresAt });
    });
  },

  async confirmEmail(ctx, token) {
    const tenantId = ctx.tenant.id;
    const hash = hashLinkToken(token);
    const userId = await tokens.findTokenOwner(ctx.db, tenantId, 'email_change', hash);
    if (userId === undefined) throw new AppError('link_invalid');
    await ctx.write(async (tx) => {
      const account = await repo.lockAccount(tx, tenantId, userId);
      const used = await tokens.updateTokenUsed(tx, tenantId, 'email_change', hash, userId);
      const newEmail = used?.new_email ?? null;
      if (account?.active !== true || newEmail === null) throw new AppError('link_invalid');
      await orLinkInvalid(repo.updateEmail(tx, tenantId, userId, newEmail));
      const epoch = await raiseUserEpoch(tx, tenantId, userId);
      // Links to set a new password went to the former address.
      tokens.updateTokensUsed(tx, tenantId, userId);
      const { email, name } = account;
      deps.mails.queue(tx, ctx, { kind: 'email_changed', to: { email, name }, userId, token: null, expiresAt: null });
      recordAudit(tx, ctx, tenantId, {
        action: 'user.email_change',
        target: `user:${userId}`,
        before: { email },
        after: { email: newEmail },
        actor: { type: 'user', id: userId },
      });
      appendChange(tx, tenantId, { kind: 'user_epoch', tenant_id: tenantId, user_id: userId, authz_epoch: epoch });
    });
  },
});

/** Somebody took the address meanwhile: not told apart from a link that ran out. */
async function orLinkInvalid(write: Promise<void>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (isUniqueViolation(error, 'res_users_email_key'))
      throw new AppError('link_invalid', undefined, { cause: error });
    throw error;
  }
}
