import type { RateClass } from '@platen/schema/contract';
import type { ModuleCode } from '@platen/schema/modules';
import type { FastifyReply } from 'fastify';
import type { AccessToken, AccessVerifier } from '../auth/principals.js';
import type { RateLimit, RateLimits } from '../cache/token-buckets.js';
import { AppError } from './app-error.js';
import type { Exchange } from './exchange.js';
import type { DevicePrincipal, StoreRef, TenantRef } from './types.js';

export interface DeviceVerifier<T extends TenantRef> {
  /**
   * The device whose credential this is, at this tenant and in use: at once if it was seen lately.
   * @throws AppError invalid_device_credential, too_many_attempts (as a rejection where a promise is answered)
   */
  verify(
    secret: string,
    caller: { readonly tenant: T; readonly network: string; readonly nowMs: number },
  ): DevicePrincipal | Promise<DevicePrincipal>;
}

/** `context_not_allowed`: the organization or workspace is not there any more. */
export type TokenRefusal = 'token_revoked' | 'token_stale' | 'token_invalid' | 'context_not_allowed';

/** How a listener decides about a request: functions over what the plane holds in memory, none of which waits. */
export interface TenantRules<T extends TenantRef> {
  /** By canonical host. Undefined: 404 `tenant_not_found`. */
  readonly resolveTenant: (host: string) => T | undefined;
  readonly verifier: AccessVerifier;
  /** Is this token for the tenant that the host names? Default: its `tid` is the tenant's id. */
  readonly isTenantsToken?: (token: AccessToken, tenant: T) => boolean;
  /** For contracts that let devices in. Default: none is. */
  readonly devices?: DeviceVerifier<T>;
  /** Asked on every request, also when the signature is cached: why the token no longer counts, or null. */
  readonly refusalOf: (token: AccessToken, tenant: T) => TokenRefusal | null;
  readonly isModuleAvailable: (tenant: T, module: ModuleCode, nowMs: number) => boolean;
  readonly isFeatureEnabled: (flag: string) => boolean;
  /** null: no limit. The same object for the same limit, please: it is asked for on every request. */
  readonly limitOf: (tenant: T, rateClass: RateClass) => RateLimit | null;
  readonly limits: RateLimits;
}

/** Without any organization a token opens nothing of one: its holder has yet to choose among the store's workspaces. */
export const isWithin = (store: StoreRef, organizationId: string | null, workspaceId: string | null): boolean =>
  organizationId === null ||
  (organizationId === store.organizationId && (store.workspaceId === null || workspaceId === store.workspaceId));

export function drawTokens<T extends TenantRef>(
  exchange: Exchange<T>,
  tenant: T,
  principal: string,
  reply: FastifyReply,
  parts: Pick<TenantRules<T>, 'limits' | 'limitOf'>,
): void {
  const { rateClass } = exchange.plan;
  const limit = parts.limitOf(tenant, rateClass);
  if (limit === null) return;
  const taken = parts.limits.take(`${tenant.id} ${principal} ${limit.name}`, limit, 1, exchange.nowMs);
  reply.header('ratelimit-policy', limit.policy);
  reply.header('ratelimit', `"${limit.name}";r=${taken.remaining};t=${taken.resetSeconds}`);
  if (!taken.allowed) throw new AppError('rate_limited', undefined, { retryAfterSeconds: taken.resetSeconds });
}
