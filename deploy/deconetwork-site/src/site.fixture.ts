import type { Test } from 'tap';
import { type DecoNetworkSite, type SiteOptions, startDecoNetworkSite } from './site.js';

export async function startSite(t: Test, options: SiteOptions = {}): Promise<DecoNetworkSite> {
  const site = await startDecoNetworkSite({ orders: 12, products: 12, purchaseOrders: 5, ...options });
  t.teardown(() => site.close());
  return site;
}

/** Posts a form to an endpoint, credentials with it unless the parameters have others. */
export function post(site: DecoNetworkSite, endpoint: string, parameters: Readonly<Record<string, string | number>>) {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...site.credentials, ...parameters })) body.set(name, String(value));
  return fetch(`${site.url}/api/json/${endpoint}`, { method: 'POST', body });
}

/** The answer, taken to be of the vendor's shape `T`. */
export async function ask<T>(
  site: DecoNetworkSite,
  endpoint: string,
  parameters: Readonly<Record<string, string | number>>,
): Promise<T> {
  const response = await post(site, endpoint, parameters);
  // The tests look at what it is.
  return (await response.json()) as T;
}

export const allOrders = { field: 1, condition: 4, date1: '2000-01-01T00:00:00' };
