import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { closed, Id, IdParams, literals, nullable, page, pageQuery, stamps, Timestamp } from '../shapes.js';

export const domainKinds = ['subdomain', 'custom'] as const;

export const Domain = closed({
  id: Id,
  domain: Type.String({ description: 'ASCII (RFC 5890), lower case', examples: ['shop.example.com'] }),
  kind: literals(domainKinds),
  /** null: not proven yet, so nothing is served there. */
  verified_at: nullable(Timestamp),
  is_primary: Type.Boolean({ description: 'Links in mails lead there' }),
  /** What to put into the DNS; null where there is nothing to prove. */
  verification: nullable(closed({ type: Type.Literal('TXT'), name: Type.String(), value: Type.String() })),
  ...stamps,
});

/** As people write it, in any script. */
export const DomainName = Type.String({ minLength: 1, maxLength: 253, examples: ['shop.example.com'] });

export const domains = contracts('admin.domains', {
  list: {
    method: 'GET',
    path: '/api/admin/domains',
    access: requires('admin.domain.read'),
    summary: 'List domains, newest first',
    query: closed(pageQuery),
    status: 200,
    response: page(Domain),
    paged: true,
    rateClass: 'read',
  },
  create: {
    method: 'POST',
    path: '/api/admin/domains',
    access: requires('admin.domain.write'),
    summary: 'Claim a domain of your own',
    description:
      'Nothing is served there until it is verified. A claim keeps nobody else from claiming the same: whoever proves it first has it, until they remove it.',
    body: closed({ domain: DomainName }),
    status: 201,
    response: Domain,
    errors: ['domain_unacceptable', 'duplicate', 'limit_reached'],
    rateClass: 'write',
  },
  verify: {
    method: 'POST',
    path: '/api/admin/domains/:id/verify',
    access: requires('admin.domain.write'),
    summary: 'Prove a domain by its TXT record',
    description:
      'Looks up the record that the domain shows; both planes then serve the host within a second. A refusal says what was expected and found.',
    params: IdParams,
    status: 200,
    response: Domain,
    errors: ['domain_unverified', 'duplicate'],
    // The answer is the DNS's of the moment; doing it twice changes nothing.
    idempotency: 'exempt',
    rateClass: 'write',
  },
  update: {
    method: 'PATCH',
    path: '/api/admin/domains/:id',
    access: requires('admin.domain.write'),
    summary: 'Make a domain the primary one',
    params: IdParams,
    body: closed({ is_primary: Type.Literal(true) }),
    status: 200,
    response: Domain,
    errors: ['domain_unverified', 'in_use'],
    rateClass: 'write',
  },
  delete: {
    method: 'DELETE',
    path: '/api/admin/domains/:id',
    access: requires('admin.domain.write'),
    summary: 'Remove a domain',
    description: "The tenant's own sub-domain, the primary domain and one with a storefront stay.",
    params: IdParams,
    status: 204,
    errors: ['in_use'],
    rateClass: 'write',
  },
});
