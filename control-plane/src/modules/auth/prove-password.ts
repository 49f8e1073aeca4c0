import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import { type Account, findAccount, lockAccount } from './account-repo.js';
import type { AuthDeps } from './deps.js';
import type { ThrottleKeys } from './throttle-keys.js';

export interface Proven {
  readonly account: Account;
  readonly keys: ThrottleKeys;
}

type Deps = Pick<AuthDeps, 'passwords' | 'throttles'>;

/**
 * Somebody signed in says their password again, before something that a stolen session must not do. Failures count as
 * those of signing in do.
 * @throws AppError invalid_credentials, too_many_attempts, sign_in_busy, token_revoked
 */
export async function provePassword(deps: Deps, ctx: Ctx, userId: string, password: string): Promise<Proven> {
  const proven = await openAccount(deps, ctx, userId);
  const { account, keys } = proven;
  const { valid } = await deps.passwords.verify(password, account.password_hash, ctx.tenant.id);
  await deps.throttles.requireStillOpen(ctx.db, ctx.tenant.id, keys);
  if (valid) return proven;
  await deps.throttles.recordFailure(ctx.db, ctx.tenant.id, keys);
  throw new AppError('invalid_credentials');
}

/** @throws AppError too_many_attempts, token_revoked */
export async function openAccount(deps: Pick<Deps, 'throttles'>, ctx: Ctx, userId: string): Promise<Proven> {
  const account = await findAccount(ctx.db, ctx.tenant.id, userId);
  if (account === undefined || !account.active) throw new AppError('token_revoked');
  const keys = deps.throttles.keysOf(ctx, account.email);
  await deps.throttles.requireOwnOpen(ctx.db, ctx.tenant.id, keys);
  return { account, keys };
}

/**
 * The account as it now is, locked; refused when the password that was checked is not the password any more.
 * @throws AppError invalid_credentials
 */
export async function lockProven(tx: Tx, tenantId: string, { id, password_hash }: Account): Promise<Account> {
  const account = await lockAccount(tx, tenantId, id);
  if (account?.active !== true || account.password_hash !== password_hash) throw new AppError('invalid_credentials');
  return account;
}
