import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import type { auth } from '@platen/schema/contracts/control/auth';
import { recordAudit } from '../audit/index.js';
import { lockAccount } from './account-repo.js';
import type { AuthDeps } from './deps.js';
import { personOf } from './person.js';
import { lockProven, openAccount, provePassword } from './prove-password.js';
import { newRecoveryCodes, newTotpSecret, totpStepOf, totpUri } from './totp.js';
import * as repo from './totp-repo.js';

export interface TotpService {
  /** @throws AppError invalid_credentials, duplicate, too_many_attempts, sign_in_busy */
  beginTotp(ctx: Ctx, password: string): Promise<OutputOf<typeof auth.totp.create>>;
  /** @throws AppError illegal_transition, totp_invalid, too_many_attempts */
  confirmTotp(ctx: Ctx, code: string): Promise<OutputOf<typeof auth.totp.confirm>>;
  /** @throws AppError invalid_credentials, illegal_transition, totp_invalid, too_many_attempts, sign_in_busy */
  removeTotp(ctx: Ctx, input: BodyOf<typeof auth.totp.delete>): Promise<void>;
}

type Deps = Pick<AuthDeps, 'passwords' | 'throttles' | 'secondFactor'>;

export const createTotpService = (deps: Deps): TotpService => ({
  async beginTotp(ctx, password) {
    const { id: userId } = personOf(ctx);
    const { account } = await provePassword(deps, ctx, userId, password);
    const secret = newTotpSecret();
    await ctx.write(async (tx) => {
      const locked = await lockProven(tx, ctx.tenant.id, account);
      if (locked.totp_confirmed) throw new AppError('duplicate', 'There is an authenticator; remove it first');
      repo.updateTotpSecret(tx, ctx.tenant.id, userId, deps.secondFactor.encrypt(ctx.tenant.id, userId, secret));
    });
    return { secret, otpauth_uri: totpUri(secret, account.tenant_name, account.email) };
  },

  async confirmTotp(ctx, code) {
    const tenantId = ctx.tenant.id;
    const { id: userId } = personOf(ctx);
    const { keys } = await openAccount(deps, ctx, userId);
    const codes = newRecoveryCodes();
    const confirmed = await ctx.write(async (tx) => {
      const account = await lockAccount(tx, tenantId, userId);
      if (account === undefined || account.totp_secret === null || account.totp_confirmed) {
        throw new AppError('illegal_transition', 'Nothing waits to be confirmed');
      }
      const secret = deps.secondFactor.decrypt(tenantId, userId, account.totp_secret);
      const step = totpStepOf(secret, code, ctx.now().getTime());
      if (step === null) return false;
      repo.updateTotpConfirmed(tx, tenantId, userId, step);
      repo.deleteRecoveryCodes(tx, tenantId, userId);
      const rows = codes.map((text) => ({ id: ctx.newId(), hash: deps.secondFactor.hashRecoveryCode(text) }));
      repo.insertRecoveryCodes(tx, tenantId, userId, rows);
      recordAudit(tx, ctx, tenantId, { action: 'user.totp_enable', target: `user:${userId}` });
      return true;
    });
    if (confirmed) return { recovery_codes: codes };
    await deps.throttles.recordFailure(ctx.db, tenantId, keys);
    throw new AppError('totp_invalid');
  },

  async removeTotp(ctx, { password, code }) {
    const tenantId = ctx.tenant.id;
    const { id: userId } = personOf(ctx);
    const { account, keys } = await provePassword(deps, ctx, userId, password);
    const removed = await ctx.write(async (tx) => {
      const { totp_secret, totp_confirmed } = await lockProven(tx, tenantId, account);
      if (totp_secret === null || !totp_confirmed)
        throw new AppError('illegal_transition', 'There is no authenticator');
      const user = { id: userId, totp_secret };
      if (!(await deps.secondFactor.useCode(tx, tenantId, user, code, ctx.now().getTime()))) return false;
      repo.updateTotpSecret(tx, tenantId, userId, null);
      repo.deleteRecoveryCodes(tx, tenantId, userId);
      recordAudit(tx, ctx, tenantId, { action: 'user.totp_disable', target: `user:${userId}` });
      return true;
    });
    if (removed) return;
    await deps.throttles.recordFailure(ctx.db, tenantId, keys);
    throw new AppError('totp_invalid');
  },
});
