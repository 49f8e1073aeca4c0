import type { AccessVerifier } from '@platen/chassis/auth/principals';
import { AppError } from '@platen/chassis/http/app-error';
import { implementer } from '@platen/chassis/http/implement';
import type { Ctx, Implementation } from '@platen/chassis/http/types';
import { auth } from '@platen/schema/contracts/control/auth';
import type { FastifyRequest } from 'fastify';
import type { TenantEntry } from '../tenants/index.js';
import { accountRoutes } from './account-routes.js';
import type { SessionCookies } from './cookies.js';
import type { AuthService } from './service.js';

export interface AuthRouteDeps {
  readonly service: AuthService;
  readonly cookies: SessionCookies;
  readonly verifier: AccessVerifier;
}

const implement = implementer<TenantEntry>();

export function authRoutes(deps: AuthRouteDeps): Implementation<TenantEntry>[] {
  const { service, cookies } = deps;
  return [
    implement(auth.login, async ({ ctx, body, request, reply }) => {
      const signedIn = await service.signIn(ctx, { ...body, userAgent: userAgentOf(request) });
      cookies.set(reply, { access: signedIn.accessToken, refresh: signedIn.refreshToken });
      return signedIn.session;
    }),
    implement(auth.refresh, async ({ ctx, request, reply }) => {
      const token = cookies.refreshToken(request);
      if (token === undefined) throw new AppError('refresh_invalid');
      const signedIn = await service.refreshSession(ctx, token);
      cookies.set(reply, { access: signedIn.accessToken, refresh: signedIn.refreshToken });
      return signedIn.session;
    }),
    implement(auth.logout, async ({ ctx, request, reply }) => {
      const ids = await Promise.all([
        sessionByRefreshToken(deps, ctx, request),
        sessionByAccessToken(deps, ctx, request),
      ]);
      const sessionIds = new Set(ids.filter((id) => id !== undefined));
      await service.signOut(ctx, [...sessionIds]);
      cookies.clear(reply);
    }),
    implement(auth.session, async ({ ctx }) => service.readSession(ctx)),
    ...accountRoutes(service, cookies),
  ];
}

export const userAgentOf = (request: FastifyRequest): string | null =>
  request.headers['user-agent']?.replace(/[^\x20-\x7e]/g, '').slice(0, 256) ?? null;

async function sessionByRefreshToken({ service, cookies }: AuthRouteDeps, ctx: Ctx, request: FastifyRequest) {
  const token = cookies.refreshToken(request);
  return token === undefined ? undefined : service.findSessionOfToken(ctx, token);
}

/** Signing out needs no valid token; one that is valid, and of this tenant, names its session. */
async function sessionByAccessToken({ verifier, cookies }: AuthRouteDeps, ctx: Ctx, request: FastifyRequest) {
  const token = cookies.accessToken(request);
  if (token === undefined) return undefined;
  try {
    const { claims } = await verifier.verify(token, ctx.now().getTime());
    return claims.tid === ctx.tenant.id ? claims.sid : undefined;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
