import { PlatformToken } from '@platen/chassis/auth/principals';
import { AppError } from '@platen/chassis/http/app-error';
import type { PlatformCtx } from '@platen/chassis/http/types';

/** Endpoints with a platform role are only reached with such a token. */
export function platformTokenOf(ctx: Pick<PlatformCtx, 'principal'>): PlatformToken {
  if (ctx.principal instanceof PlatformToken) return ctx.principal;
  throw new AppError('authentication_required');
}
