import { contracts } from '../../contract.js';
import { Domain, DomainName } from '../control/domains.js';
import { newStore, Store } from '../control/stores.js';
import { closed, Id, IdParams, page, pageQuery } from '../shapes.js';

export const tenantDomains = contracts('platform.tenantDomains', {
  list: {
    method: 'GET',
    path: '/platform/tenants/:id/domains',
    access: { platform: 'auditor' },
    summary: "List a tenant's domains, newest first",
    params: IdParams,
    query: closed(pageQuery),
    status: 200,
    response: page(Domain),
    paged: true,
    errors: ['not_found'],
  },
  create: {
    method: 'POST',
    path: '/platform/tenants/:id/domains',
    access: { platform: 'operator' },
    summary: 'Give a tenant a domain that the operator vouches for',
    description:
      'It is served within a second; nothing is looked up. One that leads to another tenant is removed there first.',
    params: IdParams,
    body: closed({ domain: DomainName }),
    status: 201,
    response: Domain,
    errors: ['not_found', 'domain_unacceptable', 'duplicate', 'limit_reached'],
  },
  delete: {
    method: 'DELETE',
    path: '/platform/tenants/:id/domains/:domain_id',
    access: { platform: 'operator' },
    summary: "Remove a tenant's domain",
    description:
      'Also the way to free one that its tenant no longer owns. Sub-domain, primary domain and storefronts as for tenants.',
    params: closed({ id: Id, domain_id: Id }),
    status: 204,
    errors: ['not_found', 'in_use'],
  },
});

export const tenantStores = contracts('platform.tenantStores', {
  list: {
    method: 'GET',
    path: '/platform/tenants/:id/stores',
    access: { platform: 'auditor' },
    summary: "List a tenant's storefronts, newest first",
    params: IdParams,
    query: closed(pageQuery),
    status: 200,
    response: page(Store),
    paged: true,
    errors: ['not_found'],
  },
  create: {
    method: 'POST',
    path: '/platform/tenants/:id/stores',
    access: { platform: 'operator' },
    summary: 'Open a storefront for a tenant',
    params: IdParams,
    body: closed(newStore),
    status: 201,
    response: Store,
    errors: ['not_found', 'unknown_reference', 'duplicate', 'domain_unverified', 'domain_unacceptable'],
  },
  delete: {
    method: 'DELETE',
    path: '/platform/tenants/:id/stores/:store_id',
    access: { platform: 'operator' },
    summary: "Close a tenant's storefront",
    params: closed({ id: Id, store_id: Id }),
    status: 204,
    errors: ['not_found'],
  },
});
