import { platformTenant } from '@platen/chassis/http/platform-tenant';
import type { PasswordOwner } from '../auth/index.js';

/** What others would try first as the password of somebody who runs the platform. */
export const passwordOwnerOf = ({ email, name }: { readonly email: string; readonly name: string }): PasswordOwner => ({
  email,
  name,
  tenantName: 'Platen',
  tenantSlug: platformTenant.slug,
});
