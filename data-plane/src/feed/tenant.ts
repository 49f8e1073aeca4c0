import type { TenantRef } from '@platen/chassis/http/types';
import type { FeedOrganization, FeedTenant } from '@platen/schema/contracts/internal/feed';
import type { ModuleCode } from '@platen/schema/modules';

export type ModuleGrant = FeedTenant['modules'][number];
export type TenantLimits = FeedTenant['limits'];
export type OrganizationSettings = FeedOrganization['settings'];

/** What the data plane knows of a tenant, all of it from the feed. */
export interface Tenant extends TenantRef {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly status: FeedTenant['status'];
  /** Verified domains beside `<slug>.<base domain>`. */
  readonly domains: readonly string[];
  readonly erpDbKey: string;
  readonly telemetryDbKey: string | null;
  readonly authzEpoch: number;
  /** Shared between tenants with the same grants. */
  readonly modules: readonly ModuleGrant[];
  readonly limits: TenantLimits;
}

export interface Organization {
  readonly tenantId: string;
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly status: FeedOrganization['status'];
  /** Shared between organizations with the same settings. */
  readonly settings: OrganizationSettings;
  readonly workspaces: readonly FeedOrganization['workspaces'][number][];
}

/** Is the module part of what the tenant has, at this moment? `valid_until` is exclusive. */
export function hasModule(tenant: Pick<Tenant, 'modules'>, code: ModuleCode, nowMs: number): boolean {
  for (const grant of tenant.modules) {
    if (grant.code === code) return grant.valid_until === null || Date.parse(grant.valid_until) > nowMs;
  }
  return false;
}

/** Lists that are each tenant's own; only being empty is common. */
const none: readonly never[] = Object.freeze([]);
const orNone = <T>(list: readonly T[]): readonly T[] => (list.length === 0 ? none : list);

type Intern = <T extends object>(value: T) => Readonly<T>;

export const tenantOf = (entity: FeedTenant, intern: Intern): Tenant => ({
  id: entity.id,
  slug: entity.slug,
  name: entity.name,
  status: entity.status,
  domains: orNone(entity.domains),
  erpDbKey: entity.erp_db_key,
  telemetryDbKey: entity.telemetry_db_key,
  authzEpoch: entity.authz_epoch,
  modules: intern(entity.modules),
  limits: intern(entity.limits),
});

export const entityOfTenant = (tenant: Tenant): FeedTenant => ({
  kind: 'tenant',
  id: tenant.id,
  slug: tenant.slug,
  name: tenant.name,
  status: tenant.status,
  domains: [...tenant.domains],
  erp_db_key: tenant.erpDbKey,
  telemetry_db_key: tenant.telemetryDbKey,
  authz_epoch: tenant.authzEpoch,
  modules: [...tenant.modules],
  limits: tenant.limits,
});

export const organizationOf = (entity: FeedOrganization, intern: Intern): Organization => ({
  tenantId: entity.tenant_id,
  id: entity.id,
  code: entity.code,
  name: entity.name,
  status: entity.status,
  settings: intern(entity.settings),
  workspaces: orNone(entity.workspaces),
});

export const entityOfOrganization = (organization: Organization): FeedOrganization => ({
  kind: 'organization',
  tenant_id: organization.tenantId,
  id: organization.id,
  code: organization.code,
  name: organization.name,
  status: organization.status,
  settings: organization.settings,
  workspaces: [...organization.workspaces],
});
