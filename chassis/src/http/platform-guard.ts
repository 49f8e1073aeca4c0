import { type PlatformRole, platformRoles } from '@platen/schema/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PlatformToken, PlatformVerifier } from '../auth/principals.js';
import type { RateLimit, RateLimits } from '../cache/token-buckets.js';
import type { DbStats, ScopedDb } from '../db/types.js';
import { AppError } from './app-error.js';
import { callerNetwork } from './caller-network.js';
import type { Exchange, Lent } from './exchange.js';
import { canonicalHost } from './host.js';
import type { RoutePlan } from './plan.js';
import { platformTenant } from './platform-tenant.js';
import { allowOrigin, beginExchange, readToken } from './tenant-guard.js';
import { drawTokens } from './tenant-rules.js';
import type { TenantRef } from './types.js';

/** How a listener decides about a platform administrator's request. */
export interface PlatformRules {
  /** Canonical, e.g. `platform.example.com`. At any other host these endpoints do not exist. */
  readonly host: string;
  readonly verifier: PlatformVerifier;
  /** Asked on every request: administrators are few, and one whose session has ended is out at once. */
  readonly isSessionOpen: (token: PlatformToken) => Promise<boolean>;
  /** As the role that sees every tenant. */
  readonly openDb: (stats: DbStats) => ScopedDb;
  readonly limitOf: (rateClass: RoutePlan['rateClass']) => RateLimit | null;
  readonly accessCookie: string;
  readonly refreshCookie: string;
  readonly isOwnOrigin: (origin: string, requestHost: string) => boolean;
}

interface PlatformParts extends PlatformRules {
  readonly lent: Omit<Lent<TenantRef>, 'openDb'>;
  readonly limits: RateLimits;
  readonly headers: Readonly<Record<string, string>>;
}

const rank = (role: PlatformRole): number => platformRoles.indexOf(role);

/** The hook before a platform endpoint: correlation, host, token, session, role, limit, in this order. */
export function createPlatformGuard(plan: RoutePlan, rules: PlatformParts) {
  const parts = {
    ...rules,
    dropRefreshCookie: false,
    isOwnOrigin: (origin: string, _tenant: TenantRef, requestHost: string) => rules.isOwnOrigin(origin, requestHost),
    limitOf: (_tenant: TenantRef, rateClass: RoutePlan['rateClass']) => rules.limitOf(rateClass),
  };
  const lent: Lent<TenantRef> = { ...rules.lent, openDb: (_tenant, _scope, stats) => rules.openDb(stats) };

  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const exchange: Exchange = beginExchange(plan, lent, request, reply, rules.headers);
    request.exchange = exchange;
    if (canonicalHost(request.raw) !== rules.host) throw new AppError('route_not_found');
    exchange.tenant = platformTenant;
    const { origin } = request.headers;
    if (origin !== undefined) allowOrigin(origin, platformTenant, request, reply, parts);
    const text = readToken(request, plan, platformTenant, parts);
    if (plan.access === 'platform_public') {
      drawTokens(exchange, platformTenant, callerNetwork(request.ip), reply, parts);
      return;
    }
    if (text === undefined) throw new AppError('authentication_required');
    const token = await rules.verifier.verify(text, exchange.nowMs);
    if (!(await rules.isSessionOpen(token))) throw new AppError('token_revoked');
    exchange.principal = token;
    const needed = plan.platformRole ?? 'owner';
    if (rank(token.role) < rank(needed)) {
      throw new AppError('platform_role_required', undefined, { extensions: { platform_role: needed } });
    }
    drawTokens(exchange, platformTenant, token.id, reply, parts);
  };
}
