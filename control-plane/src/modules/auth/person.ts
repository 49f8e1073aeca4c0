import { AccessToken } from '@platen/chassis/auth/principals';
import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';

/**
 * The caller's token where only a person makes sense: a key has no password and no sessions of its own.
 * @throws AppError person_required
 */
export function personOf(ctx: Pick<Ctx, 'principal'>): AccessToken {
  const { principal } = ctx;
  if (!(principal instanceof AccessToken)) throw new AppError('authentication_required');
  if (principal.kind !== 'user') throw new AppError('person_required');
  return principal;
}
