import type { PlatformVerifier } from '@platen/chassis/auth/principals';
import { AppError } from '@platen/chassis/http/app-error';
import { implementPlatform } from '@platen/chassis/http/implement';
import type { PlatformCtx, PlatformImplementation } from '@platen/chassis/http/types';
import { auth } from '@platen/schema/contracts/platform/auth';
import type { FastifyRequest } from 'fastify';
import { type SessionCookies, userAgentOf } from '../auth/index.js';
import type { PlatformAuthService } from './service.js';

export interface PlatformAuthRouteDeps {
  readonly service: PlatformAuthService;
  readonly cookies: SessionCookies;
  readonly verifier: PlatformVerifier;
}

export function platformAuthRoutes(deps: PlatformAuthRouteDeps): PlatformImplementation[] {
  const { service, cookies } = deps;
  return [
    implementPlatform(auth.login, async ({ ctx, body, request, reply }) => {
      const signedIn = await service.signIn(ctx, { ...body, userAgent: userAgentOf(request) });
      cookies.set(reply, { access: signedIn.accessToken, refresh: signedIn.refreshToken });
      return signedIn.session;
    }),
    implementPlatform(auth.refresh, async ({ ctx, request, reply }) => {
      const token = cookies.refreshToken(request);
      if (token === undefined) throw new AppError('refresh_invalid');
      const signedIn = await service.refreshSession(ctx, token);
      cookies.set(reply, { access: signedIn.accessToken, refresh: signedIn.refreshToken });
      return signedIn.session;
    }),
    implementPlatform(auth.logout, async ({ ctx, request, reply }) => {
      const ids = await Promise.all([
        sessionByRefreshToken(deps, ctx, request),
        sessionByAccessToken(deps, ctx, request),
      ]);
      await service.signOut(ctx, [...new Set(ids.filter((id) => id !== undefined))]);
      cookies.clear(reply);
    }),
    implementPlatform(auth.session, ({ ctx }) => service.readSession(ctx)),
    implementPlatform(auth.password.change, ({ ctx, body }) => service.changePassword(ctx, body)),
    implementPlatform(auth.totp.create, ({ ctx, body }) => service.beginTotp(ctx, body.password)),
    implementPlatform(auth.totp.confirm, ({ ctx, body }) => service.confirmTotp(ctx, body.code)),
    implementPlatform(auth.totp.delete, ({ ctx, body }) => service.removeTotp(ctx, body)),
  ];
}

async function sessionByRefreshToken(deps: PlatformAuthRouteDeps, ctx: PlatformCtx, request: FastifyRequest) {
  const token = deps.cookies.refreshToken(request);
  return token === undefined ? undefined : deps.service.findSessionOfToken(ctx, token);
}

/** Signing out needs no valid token; one that is valid names its session. */
async function sessionByAccessToken(deps: PlatformAuthRouteDeps, ctx: PlatformCtx, request: FastifyRequest) {
  const token = deps.cookies.accessToken(request);
  if (token === undefined) return undefined;
  try {
    return (await deps.verifier.verify(token, ctx.now().getTime())).sessionId;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
