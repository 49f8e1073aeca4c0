import type { TenantRef } from './types.js';

/**
 * The platform in place of a tenant, at its own host: cookies, origins and idempotency keys then work as at any tenant's.
 * The nil UUID (RFC 9562 section 5.9) is nobody's id.
 */
export const platformTenant: TenantRef = Object.freeze({
  id: '00000000-0000-0000-0000-000000000000',
  slug: 'platform',
  status: 'active',
});
