import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, moduleUnavailable } from './app-error.js';
import { callerNetwork } from './caller-network.js';
import type { Exchange } from './exchange.js';
import { type DeviceVerifier, drawTokens, isWithin, type TenantRules } from './tenant-rules.js';
import type { DevicePrincipal, TenantRef } from './types.js';

/** Who shows a secret that begins like this. Tokens of users never do: they begin with a header in JSON. */
const secretStart = 'pdev_';

/** A device's secret comes in the header alone: no page can make a browser send it. */
export const showsDeviceSecret = (request: FastifyRequest, token: string): boolean =>
  request.headers.authorization !== undefined && token.startsWith(secretStart);

/** In place of a token's checks: its credential, its place, the module, the limit. */
export function admitDevice<T extends TenantRef>(
  exchange: Exchange<T>,
  verifier: DeviceVerifier<T>,
  secret: string,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: Pick<TenantRules<T>, 'isModuleAvailable' | 'limits' | 'limitOf'>,
): Promise<void> | undefined {
  const { plan, tenant, nowMs } = exchange;
  const admit = (device: DevicePrincipal): void => {
    const { store } = tenant;
    if (store != null && !isWithin(store, device.organizationId, device.workspaceId)) {
      throw new AppError('context_not_allowed');
    }
    exchange.principal = device;
    exchange.organizationId = device.organizationId;
    exchange.workspaceId = device.workspaceId;
    if (plan.module !== null && !parts.isModuleAvailable(tenant, plan.module, nowMs)) {
      throw moduleUnavailable(plan.module);
    }
    drawTokens(exchange, tenant, device.id, reply, parts);
  };
  const found = verifier.verify(secret, { tenant, network: callerNetwork(request.ip), nowMs });
  if (found instanceof Promise) return found.then(admit);
  admit(found);
  return undefined;
}
