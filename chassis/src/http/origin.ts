import type { TenantRef } from './types.js';

export interface OriginRules<T extends TenantRef> {
  readonly production: boolean;
  /** Ports of front ends on the developer's machine; without meaning in production. */
  readonly devOriginPorts: readonly number[];
  readonly resolveTenant: (host: string) => T | undefined;
}

const originPattern = /^(https?):\/\/([a-z0-9.-]{1,253})(?::(\d{1,5}))?$/;

/**
 * Is this origin one of the tenant's own? In production: https, the default port, a host that leads to the tenant.
 * Sub-domains are same-site to each other, so cookies alone do not keep one tenant's page from writing to another.
 * In development: http, and the port of the request itself or one of the configured ones.
 */
export function createOriginCheck<T extends TenantRef>(rules: OriginRules<T>) {
  const devPorts = new Set(rules.devOriginPorts.map(String));
  return (origin: string, tenant: T, requestHost: string): boolean => {
    const match = originPattern.exec(origin);
    if (match === null) return false;
    const [, scheme, host = '', port] = match;
    if (rules.resolveTenant(host)?.id !== tenant.id) return false;
    if (rules.production) return scheme === 'https' && port === undefined;
    return (
      origin === `http://${requestHost.toLowerCase()}` ||
      (scheme === 'http' && (port === undefined || devPorts.has(port)))
    );
  };
}
