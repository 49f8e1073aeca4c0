import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Tenant } from '../../feed/tenant.js';
import { sha256 } from '../pricing/index.js';

export interface LinkSettings {
  /** Of this installation; nothing that is stored or sent by events leads from a quote to its link without it. */
  readonly secret: string;
  readonly baseDomain: string;
  /** Where links lead outside production: to the front end's port on this machine. */
  readonly devPort: number;
  readonly production: boolean;
}

/** Whose link it is. */
export interface LinkedQuote {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly id: string;
}

type LinkingTenant = Pick<Tenant, 'slug' | 'primaryDomain' | 'stores'>;

/** The customer's link of a sent quote: made again whenever it is wanted, of which only a hash is stored. */
export interface QuoteLinks {
  tokenOf(quote: LinkedQuote): string;
  /** SHA-256 of the token's secret, lower-case hex. */
  hashOf(quote: LinkedQuote): string;
  /** At the storefront where the quote was made, if it is still there, else at the tenant's primary domain. */
  urlOf(tenant: LinkingTenant, storeId: string | null, token: string): string;
}

/** Organization, then 256 bits. The organization says in whose rows to look, and proves nothing. */
const tokenPattern = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})\.([A-Za-z0-9_-]{43})$/;

export function createQuoteLinks({ secret, baseDomain, devPort, production }: LinkSettings): QuoteLinks {
  const secretOf = ({ tenantId, organizationId, id }: LinkedQuote) =>
    createHmac('sha256', secret).update(`quote-link/1 ${tenantId} ${organizationId} ${id}`).digest('base64url');
  return {
    tokenOf: (quote) => `${quote.organizationId.replaceAll('-', '')}.${secretOf(quote)}`,
    hashOf: (quote) => sha256(secretOf(quote)),
    urlOf(tenant, storeId, token) {
      const store = storeId === null ? undefined : tenant.stores.find(({ id }) => id === storeId);
      const host = store?.domain ?? tenant.primaryDomain ?? `${tenant.slug}.${baseDomain}`;
      const origin = production ? `https://${host}` : `http://${host}:${devPort}`;
      // In the fragment, which browsers send to no server and in no `Referer`.
      return `${origin}/quote#token=${token}`;
    },
  };
}

export interface PresentedToken {
  readonly organizationId: string;
  readonly secretHash: string;
}

/** null: not of a token's form. */
export function parseToken(token: string): PresentedToken | null {
  const found = tokenPattern.exec(token);
  if (found === null) return null;
  const [, a, b, c, d, e, secret = ''] = found;
  return { organizationId: `${a}-${b}-${c}-${d}-${e}`, secretHash: sha256(secret) };
}

/** Of two hashes in hex, in constant time. */
export const sameHash = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
