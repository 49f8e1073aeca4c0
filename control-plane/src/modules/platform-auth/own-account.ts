import { AppError } from '@platen/chassis/http/app-error';
import { platformTenant } from '@platen/chassis/http/platform-tenant';
import type { PlatformCtx } from '@platen/chassis/http/types';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import type { auth } from '@platen/schema/contracts/platform/auth';
import { recordAudit } from '../audit/index.js';
import { newRecoveryCodes, newTotpSecret, requireAcceptablePassword, totpStepOf, totpUri } from '../auth/index.js';
import type { PlatformAuthDeps } from './deps.js';
import { platformTokenOf } from './own-token.js';
import { countFailure, lockOwnAccount, openOwnAccount, proveOwnPassword, useOwnCode } from './prove.js';
import { lockCredentials, updatePasswordHash, updateSessionsRevoked } from './repo.js';
import * as repo from './totp-repo.js';

export interface OwnAccount {
  /** @throws AppError invalid_credentials, password_unacceptable, too_many_attempts, sign_in_busy */
  changePassword(ctx: PlatformCtx, input: BodyOf<typeof auth.password.change>): Promise<void>;
  /** @throws AppError invalid_credentials, duplicate, too_many_attempts, sign_in_busy */
  beginTotp(ctx: PlatformCtx, password: string): Promise<OutputOf<typeof auth.totp.create>>;
  /** @throws AppError illegal_transition, totp_invalid, too_many_attempts */
  confirmTotp(ctx: PlatformCtx, code: string): Promise<OutputOf<typeof auth.totp.confirm>>;
  /** @throws AppError invalid_credentials, illegal_transition, totp_invalid, too_many_attempts, sign_in_busy */
  removeTotp(ctx: PlatformCtx, input: BodyOf<typeof auth.totp.delete>): Promise<void>;
}

type Deps = Pick<PlatformAuthDeps, 'passwords' | 'throttles' | 'secondFactor'>;
type Verb = 'change_password' | 'enable_totp' | 'disable_totp';

const recordOwn = (tx: Parameters<typeof recordAudit>[0], ctx: PlatformCtx, id: string, verb: Verb): void =>
  recordAudit(tx, ctx, null, { action: `platform_admin.${verb}`, target: `platform_admin:${id}` });

/** What an administrator of the platform does to their own ways in. */
export const createOwnAccount = (deps: Deps): OwnAccount => ({
  async changePassword(ctx, { current_password, new_password }) {
    const { id, sessionId } = platformTokenOf(ctx);
    const { account } = await proveOwnPassword(deps, ctx, id, current_password);
    const { email, name } = account;
    await requireAcceptablePassword(new_password, {
      email,
      name,
      tenantName: 'Platen',
      tenantSlug: platformTenant.slug,
    });
    const hash = await deps.passwords.hash(new_password);
    await ctx.write(async (tx) => {
      await lockOwnAccount(tx, account);
      updatePasswordHash(tx, id, hash);
      updateSessionsRevoked(tx, id, 'password_changed', sessionId);
      recordOwn(tx, ctx, id, 'change_password');
    });
  },

  async beginTotp(ctx, password) {
    const { id } = platformTokenOf(ctx);
    const { account } = await proveOwnPassword(deps, ctx, id, password);
    const secret = newTotpSecret();
    await ctx.write(async (tx) => {
      const { totp_confirmed } = await lockOwnAccount(tx, account);
      if (totp_confirmed) throw new AppError('duplicate', 'There is an authenticator; remove it first');
      repo.updateTotpSecret(tx, id, deps.secondFactor.encrypt(platformTenant.id, id, secret));
    });
    return { secret, otpauth_uri: totpUri(secret, 'Platen platform', account.email) };
  },

  async confirmTotp(ctx, code) {
    const { id } = platformTokenOf(ctx);
    const { keys } = await openOwnAccount(deps, ctx, id);
    const codes = newRecoveryCodes();
    const confirmed = await ctx.write(async (tx) => {
      const account = await lockCredentials(tx, id);
      if (account === undefined || account.totp_secret === null || account.totp_confirmed) {
        throw new AppError('illegal_transition', 'Nothing waits to be confirmed');
      }
      const secret = deps.secondFactor.decrypt(platformTenant.id, id, account.totp_secret);
      const step = totpStepOf(secret, code, ctx.now().getTime());
      if (step === null) return false;
      repo.updateTotpConfirmed(tx, id, step);
      const rows = codes.map((text) => ({ id: ctx.newId(), hash: deps.secondFactor.hashRecoveryCode(text) }));
      repo.replaceRecoveryCodes(tx, id, rows);
      recordOwn(tx, ctx, id, 'enable_totp');
      return true;
    });
    if (confirmed) return { recovery_codes: codes };
    await countFailure(deps, ctx.db, keys);
    throw new AppError('totp_invalid');
  },

  async removeTotp(ctx, { password, code }) {
    const { id } = platformTokenOf(ctx);
    const { account, keys } = await proveOwnPassword(deps, ctx, id, password);
    const removed = await ctx.write(async (tx) => {
      const { totp_secret, totp_confirmed } = await lockOwnAccount(tx, account);
      if (totp_secret === null || !totp_confirmed) {
        throw new AppError('illegal_transition', 'There is no authenticator');
      }
      if (!(await useOwnCode(tx, deps.secondFactor, { id, totp_secret }, code, ctx.now().getTime()))) return false;
      repo.updateTotpSecret(tx, id, null);
      repo.replaceRecoveryCodes(tx, id, []);
      recordOwn(tx, ctx, id, 'disable_totp');
      return true;
    });
    if (removed) return;
    await countFailure(deps, ctx.db, keys);
    throw new AppError('totp_invalid');
  },
});
