import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasPermissionBit } from '../auth/permission-bits.js';
import type { AccessToken } from '../auth/principals.js';
import { addressOf } from './address.js';
import { AppError, moduleUnavailable, permissionDenied } from './app-error.js';
import { bearerToken } from './bearer.js';
import { callerNetwork } from './caller-network.js';
import { readCookie, withoutCookie } from './cookies.js';
import { isCorrelationId, readTraceparent } from './correlation.js';
import { admitDevice, showsDeviceSecret } from './device-guard.js';
import { Exchange, type Lent } from './exchange.js';
import { canonicalHost } from './host.js';
import type { RoutePlan } from './plan.js';
import { drawTokens, isWithin, type TenantRules } from './tenant-rules.js';
import type { TenantRef } from './types.js';

export interface GuardParts<T extends TenantRef> extends TenantRules<T> {
  readonly lent: Lent<T>;
  readonly headers: Readonly<Record<string, string>>;
  readonly accessCookie: string;
  readonly refreshCookie: string;
  readonly dropRefreshCookie: boolean;
  readonly isOwnOrigin: (origin: string, tenant: T, requestHost: string) => boolean;
}

type Done = (error?: Error) => void;

/**
 * The one hook before a tenant's endpoint: correlation, host, feature flag, token, permission, module, limit, in this
 * order. It is synchronous unless the token's key is unknown.
 */
export function createTenantGuard<T extends TenantRef>(plan: RoutePlan, parts: GuardParts<T>) {
  return (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    try {
      const exchange = beginExchange(plan, parts.lent, request, reply, parts.headers);
      // The request's type knows no plane's tenant; handlers get it back with the type of their own server.
      request.exchange = exchange as unknown as Exchange;
      const tenant = enterTenant(exchange, request, reply, parts);
      if (plan.featureFlag !== null && !parts.isFeatureEnabled(plan.featureFlag))
        throw new AppError('feature_disabled');
      const token = readToken(request, plan, tenant, parts);
      if (plan.access === 'public') {
        drawTokens(exchange, tenant, callerNetwork(request.ip), reply, parts);
        done();
        return;
      }
      if (token === undefined) throw new AppError('authentication_required');
      if (plan.takesDevices && parts.devices !== undefined && showsDeviceSecret(request, token)) {
        const admitted = admitDevice(exchange, parts.devices, token, request, reply, parts);
        if (admitted === undefined) done();
        else admitted.then(() => done(), done);
        return;
      }
      if (plan.contract.events !== undefined) watchToken(exchange, token, canonicalHost(request.raw), parts);
      const verified = parts.verifier.verify(token, exchange.nowMs);
      if (verified instanceof Promise) {
        verified.then((late) => authorize(exchange, tenant, late, reply, parts)).then(() => done(), done);
        return;
      }
      authorize(exchange, tenant, verified, reply, parts);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
}

/** Correlation comes first, so that whatever is refused later can be found again. */
export function beginExchange<T extends TenantRef>(
  plan: RoutePlan,
  lent: Lent<T>,
  request: FastifyRequest,
  reply: FastifyReply,
  headers: Readonly<Record<string, string>>,
): Exchange<T> {
  const sent = request.headers['x-correlation-id'];
  const valid = isCorrelationId(sent);
  const correlationId = valid ? sent : randomUUID();
  const traceparent = readTraceparent(request.headers['traceparent']);
  const exchange = new Exchange(lent, plan, { correlationId, traceparent, ip: addressOf(request.ip) });
  for (const name in headers) reply.header(name, headers[name]);
  reply.header('x-correlation-id', correlationId);
  if (!valid && !plan.makesCorrelationId) {
    request.exchange = exchange as unknown as Exchange;
    throw new AppError(
      'correlation_id_required',
      'Send 8 to 128 characters of A-Z, a-z, 0-9, dot, underscore and hyphen',
    );
  }
  return exchange;
}

function enterTenant<T extends TenantRef>(
  exchange: Exchange<T>,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: GuardParts<T>,
): T {
  const tenant = parts.resolveTenant(canonicalHost(request.raw));
  if (tenant === undefined || tenant.status === 'deleting') throw new AppError('tenant_not_found');
  exchange.tenant = tenant;
  const { origin } = request.headers;
  if (origin !== undefined) allowOrigin(origin, tenant, request, reply, parts);
  return requireActive(tenant);
}

export function requireActive<T extends TenantRef>(tenant: T | undefined): T {
  if (tenant?.status === 'suspended') throw new AppError('tenant_suspended');
  if (tenant?.status !== 'active') throw new AppError('tenant_not_found');
  return tenant;
}

/** CORS for the tenant's own domains; anyone else's page gets no permission to read. */
export function allowOrigin<T extends TenantRef>(
  origin: string,
  tenant: T,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: Pick<GuardParts<T>, 'isOwnOrigin'>,
): boolean {
  reply.header('vary', 'origin');
  if (!parts.isOwnOrigin(origin, tenant, request.headers.host ?? '')) return false;
  reply.header('access-control-allow-origin', origin);
  reply.header('access-control-allow-credentials', 'true');
  reply.header('access-control-expose-headers', exposedHeaders);
  return true;
}

const exposedHeaders = 'x-correlation-id, etag, idempotent-replayed, ratelimit, ratelimit-policy, retry-after';

/** A bearer token wins over a cookie. A write that rests on a cookie, or comes from a page at all, needs an origin of the tenant's. */
export function readToken<T extends TenantRef>(
  request: FastifyRequest,
  plan: RoutePlan,
  tenant: T,
  parts: Pick<GuardParts<T>, 'refreshCookie' | 'accessCookie' | 'dropRefreshCookie' | 'isOwnOrigin'>,
): string | undefined {
  const { authorization, cookie, origin } = request.headers;
  const hasRefreshCookie = cookie?.includes(parts.refreshCookie) === true;
  if (hasRefreshCookie && parts.dropRefreshCookie) request.headers.cookie = withoutCookie(cookie, parts.refreshCookie);
  if (authorization !== undefined) {
    return bearerToken(authorization);
  }
  const token = readCookie(cookie, parts.accessCookie);
  if (plan.isWrite) {
    const restsOnCookie = token !== undefined || hasRefreshCookie;
    if (origin === undefined ? restsOnCookie : !parts.isOwnOrigin(origin, tenant, request.headers.host ?? '')) {
      throw new AppError('origin_not_allowed');
    }
  }
  return token;
}

function authorize<T extends TenantRef>(
  exchange: Exchange<T>,
  tenant: T,
  token: AccessToken,
  reply: FastifyReply,
  parts: GuardParts<T>,
): void {
  checkToken(tenant, token, parts);
  exchange.principal = token;
  exchange.organizationId = token.claims.org;
  exchange.workspaceId = token.claims.ws;
  exchange.expiresAtMs = token.claims.exp * 1000;
  checkAccess(exchange.plan, tenant, token, exchange.nowMs, parts);
  drawTokens(exchange, tenant, token.id, reply, parts);
}

/** A stream outlives the moment in which it was allowed: the same questions, asked of the state as it is then. */
function watchToken<T extends TenantRef>(
  exchange: Exchange<T>,
  text: string,
  host: string,
  parts: GuardParts<T>,
): void {
  const { plan } = exchange;
  const check = (token: AccessToken, nowMs: number): void => {
    const tenant = requireActive(parts.resolveTenant(host));
    if (plan.featureFlag !== null && !parts.isFeatureEnabled(plan.featureFlag)) throw new AppError('feature_disabled');
    checkToken(tenant, token, parts);
    checkAccess(plan, tenant, token, nowMs, parts);
  };
  exchange.guardAgain = (nowMs) => {
    // Again, as its key may have been revoked.
    const verified = parts.verifier.verify(text, nowMs);
    if (verified instanceof Promise) return verified.then((token) => check(token, nowMs));
    check(verified, nowMs);
    return undefined;
  };
}

/** Is it for this tenant, does it still count, and is its context one of this host's? */
function checkToken<T extends TenantRef>(
  tenant: T,
  token: AccessToken,
  parts: Pick<GuardParts<T>, 'isTenantsToken' | 'refusalOf'>,
): void {
  const { claims } = token;
  const isTenants = parts.isTenantsToken === undefined ? claims.tid === tenant.id : parts.isTenantsToken(token, tenant);
  if (!isTenants) throw new AppError('token_tenant_mismatch');
  const refusal = parts.refusalOf(token, tenant);
  if (refusal !== null) throw new AppError(refusal);
  const { store } = tenant;
  if (store != null && !isWithin(store, claims.org, claims.ws)) throw new AppError('context_not_allowed');
}

function checkAccess<T extends TenantRef>(
  plan: RoutePlan,
  tenant: T,
  token: AccessToken,
  nowMs: number,
  parts: Pick<GuardParts<T>, 'isModuleAvailable'>,
): void {
  if (plan.permission === null) return;
  if (plan.needsOrganization && token.claims.org === null) throw new AppError('context_required');
  if (!hasPermissionBit(token.bits, plan.permissionBit)) {
    throw permissionDenied(plan.permission);
  }
  if (plan.module !== null && !parts.isModuleAvailable(tenant, plan.module, nowMs)) {
    throw moduleUnavailable(plan.module);
  }
}
