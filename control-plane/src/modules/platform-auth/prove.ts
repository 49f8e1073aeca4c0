import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { platformTenant } from '@platen/chassis/http/platform-tenant';
import type { PlatformCtx } from '@platen/chassis/http/types';
import { type SecondFactor, totpStepOf } from '../auth/index.js';
import type { PlatformAuthDeps } from './deps.js';
import * as repo from './repo.js';
import { updateRecoveryCodeUsed, updateTotpStep } from './totp-repo.js';

type Keys = ReturnType<PlatformAuthDeps['throttles']['keysOf']>;

/** The platform's failures are counted like a tenant's, under the id that is nobody's. */
export const countFailure = (
  deps: Pick<PlatformAuthDeps, 'throttles'>,
  db: PlatformCtx['db'],
  keys: Keys,
): Promise<void> => deps.throttles.recordFailure(db, platformTenant.id, keys);

/**
 * Somebody signed in says their password again. Failures count as those of signing in do.
 * @throws AppError invalid_credentials, too_many_attempts, sign_in_busy, token_revoked
 */
export async function proveOwnPassword(
  deps: Pick<PlatformAuthDeps, 'throttles' | 'passwords'>,
  ctx: PlatformCtx,
  adminId: string,
  password: string,
) {
  const { account, keys } = await openOwnAccount(deps, ctx, adminId);
  const { valid } = await deps.passwords.verify(password, account.password_hash);
  await deps.throttles.requireStillOpen(ctx.db, platformTenant.id, keys);
  if (valid) return { account, keys };
  await countFailure(deps, ctx.db, keys);
  throw new AppError('invalid_credentials');
}

/** @throws AppError too_many_attempts, token_revoked */
export async function openOwnAccount(deps: Pick<PlatformAuthDeps, 'throttles'>, ctx: PlatformCtx, adminId: string) {
  const account = await repo.findCredentialsOf(ctx.db, adminId);
  if (account?.active !== true) throw new AppError('token_revoked');
  const keys = deps.throttles.keysOf(ctx, account.email);
  await deps.throttles.requireOwnOpen(ctx.db, platformTenant.id, keys);
  return { account, keys };
}

/** Locked; refused when its password is not the one that was checked any more. @throws AppError invalid_credentials */
export async function lockOwnAccount(tx: Tx, { id, password_hash }: repo.Credentials): Promise<repo.Credentials> {
  const account = await repo.lockCredentials(tx, id);
  if (account?.active !== true || account.password_hash !== password_hash) throw new AppError('invalid_credentials');
  return account;
}

/** A code of the authenticator or a recovery code, once. False: it is neither, or was used. */
export async function useOwnCode(
  tx: Tx,
  secondFactor: Pick<SecondFactor, 'decrypt' | 'hashRecoveryCode'>,
  admin: { readonly id: string; readonly totp_secret: string },
  code: string,
  nowMs: number,
): Promise<boolean> {
  if (!/^\d{6}$/.test(code)) return updateRecoveryCodeUsed(tx, admin.id, secondFactor.hashRecoveryCode(code));
  const step = totpStepOf(secondFactor.decrypt(platformTenant.id, admin.id, admin.totp_secret), code, nowMs);
  return step !== null && updateTotpStep(tx, admin.id, step, admin.totp_secret);
}
