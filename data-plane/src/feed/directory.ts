import type { FeedEntity } from '@platen/schema/contracts/internal/feed';
import { createInterner } from './intern.js';
import {
  atStore,
  entityOfOrganization,
  entityOfTenant,
  type Organization,
  organizationOf,
  type Tenant,
  tenantOf,
} from './tenant.js';

/** Tenants by id and by host, organizations by id. Every look-up is a hash. */
export class Directory {
  readonly #suffix: string;
  readonly #byId = new Map<string, Tenant>();
  readonly #bySlug = new Map<string, Tenant>();
  readonly #byDomain = new Map<string, Tenant>();
  readonly #organizations = new Map<string, Organization>();
  readonly #intern = createInterner();

  constructor(baseDomain: string) {
    this.#suffix = `.${baseDomain}`;
  }

  /** `host` is canonical: lower case, no port, no trailing dot. Slugs hold no dot, and no domain lies under the base. */
  tenantByHost(host: string): Tenant | undefined {
    return host.endsWith(this.#suffix)
      ? this.#bySlug.get(host.slice(0, -this.#suffix.length))
      : this.#byDomain.get(host);
  }

  tenantById(id: string): Tenant | undefined {
    return this.#byId.get(id);
  }

  organization(tenantId: string, id: string): Organization | undefined {
    const found = this.#organizations.get(id);
    return found?.tenantId === tenantId ? found : undefined;
  }

  organizations(): IterableIterator<Organization> {
    return this.#organizations.values();
  }

  hostsOf(tenant: Tenant): string[] {
    return [tenant.slug + this.#suffix, ...tenant.domains];
  }

  tenants(): IterableIterator<Tenant> {
    return this.#byId.values();
  }

  get tenantCount(): number {
    return this.#byId.size;
  }

  putTenant(entity: FeedEntity & { kind: 'tenant' }): void {
    const tenant = tenantOf(entity, this.#intern);
    this.#unlink(tenant.id);
    this.#byId.set(tenant.id, tenant);
    this.#bySlug.set(tenant.slug, tenant);
    for (const domain of tenant.domains) this.#byDomain.set(domain, tenant);
    for (const store of tenant.stores) this.#byDomain.set(store.domain, atStore(tenant, store));
  }

  putOrganization(entity: FeedEntity & { kind: 'organization' }): void {
    this.#organizations.set(entity.id, organizationOf(entity, this.#intern));
  }

  remove(entity: 'tenant' | 'organization', id: string): void {
    if (entity === 'organization') {
      this.#organizations.delete(id);
      return;
    }
    this.#unlink(id);
    this.#byId.delete(id);
    for (const organization of this.#organizations.values()) {
      if (organization.tenantId === id) this.#organizations.delete(organization.id);
    }
  }

  *entities(): Generator<FeedEntity> {
    for (const tenant of this.#byId.values()) yield entityOfTenant(tenant);
    for (const organization of this.#organizations.values()) yield entityOfOrganization(organization);
  }

  /** A slug or domain may have passed to another tenant meanwhile: only one's own entries go. */
  #unlink(id: string): void {
    const old = this.#byId.get(id);
    if (!old) return;
    if (this.#bySlug.get(old.slug)?.id === id) this.#bySlug.delete(old.slug);
    for (const domain of old.domains) if (this.#byDomain.get(domain)?.id === id) this.#byDomain.delete(domain);
  }
}
