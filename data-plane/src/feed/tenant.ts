import type { StoreRef, TenantRef } from '@platen/chassis/http/types';
import type { FeedOrganization, FeedTenant } from '@platen/schema/contracts/internal/feed';
import type { ModuleCode } from '@platen/schema/modules';

export type ModuleGrant = FeedTenant['modules'][number];
export type TenantLimits = FeedTenant['limits'];
export type Letterhead = NonNullable<FeedOrganization['letterhead']>;
export type OrganizationSettings = FeedOrganization['settings'];

export interface Store extends StoreRef {
  readonly domain: string;
}

/** What the data plane knows of a tenant, all of it from the feed. */
export interface Tenant extends TenantRef {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly status: FeedTenant['status'];
  /** Verified domains beside `<slug>.<base domain>`. */
  readonly domains: readonly string[];
  /** Where links in mails lead; null: to `<slug>.<base domain>`. */
  readonly primaryDomain: string | null;
  readonly stores: readonly Store[];
  /** What the host that was asked stands for; null: the tenant. */
  readonly store: Store | null;
  readonly erpDbKey: string;
  readonly telemetryDbKey: string | null;
  readonly authzEpoch: number;
  /** Shared between tenants with the same grants. */
  readonly modules: readonly ModuleGrant[];
  readonly limits: TenantLimits;
}

/** Where its data of that kind lies; null: nowhere. */
export const databaseKeyOf = (tenant: Tenant, kind: 'erp' | 'telemetry'): string | null =>
  kind === 'erp' ? tenant.erpDbKey : tenant.telemetryDbKey;

export interface Organization {
  readonly tenantId: string;
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly status: FeedOrganization['status'];
  /** Shared between organizations with the same settings. */
  readonly settings: OrganizationSettings;
  /** What its documents say of it; null: nothing was said. */
  readonly letterhead: Letterhead | null;
  readonly workspaces: readonly FeedOrganization['workspaces'][number][];
  /** The ids of `workspaces`. */
  readonly workspaceIds: ReadonlySet<string>;
}

/** Is the module part of what the tenant has, at this moment? `valid_until` is exclusive. */
export function hasModule(tenant: Pick<Tenant, 'modules'>, code: ModuleCode, nowMs: number): boolean {
  for (const grant of tenant.modules) {
    if (grant.code !== code) continue;
    if (grant.valid_from !== undefined && Date.parse(grant.valid_from) > nowMs) return false;
    return grant.valid_until === null || Date.parse(grant.valid_until) > nowMs;
  }
  return false;
}

/** May one still work there? The workspaces of an organization in the feed are the active ones. */
export const isOpenContext = (organization: Organization | undefined, workspaceId: string | null): boolean =>
  organization !== undefined &&
  organization.status === 'active' &&
  (workspaceId === null || organization.workspaceIds.has(workspaceId));

/** Lists that are each tenant's own; only being empty is common. */
const none: readonly never[] = Object.freeze([]);
const orNone = <T>(list: readonly T[]): readonly T[] => (list.length === 0 ? none : list);
const noIds: ReadonlySet<string> = new Set();
const idsOf = (list: readonly { readonly id: string }[]): ReadonlySet<string> =>
  list.length === 0 ? noIds : new Set(list.map(({ id }) => id));

type Intern = <T extends object>(value: T) => Readonly<T>;

export const tenantOf = (entity: FeedTenant, intern: Intern): Tenant => ({
  id: entity.id,
  slug: entity.slug,
  name: entity.name,
  status: entity.status,
  domains: orNone(entity.domains),
  primaryDomain: entity.primary_domain ?? null,
  stores: orNone((entity.stores ?? none).map(storeOf)),
  store: null,
  erpDbKey: entity.erp_db_key,
  telemetryDbKey: entity.telemetry_db_key,
  authzEpoch: entity.authz_epoch,
  modules: intern(entity.modules),
  limits: intern(entity.limits),
});

/** The tenant as a store's host shows it: the same in everything else, and of the same shape to the engine. */
export const atStore = (tenant: Tenant, store: Store): Tenant => ({ ...tenant, store });

const storeOf = (entity: NonNullable<FeedTenant['stores']>[number]): Store => ({
  id: entity.id,
  domain: entity.domain,
  organizationId: entity.organization_id,
  workspaceId: entity.workspace_id,
});

export const entityOfTenant = (tenant: Tenant): FeedTenant => ({
  kind: 'tenant',
  id: tenant.id,
  slug: tenant.slug,
  name: tenant.name,
  status: tenant.status,
  domains: [...tenant.domains],
  primary_domain: tenant.primaryDomain,
  stores: tenant.stores.map(({ id, domain, organizationId, workspaceId }) => ({
    domain,
    id,
    organization_id: organizationId,
    workspace_id: workspaceId,
  })),
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
  letterhead: entity.letterhead ?? null,
  workspaces: orNone(entity.workspaces),
  workspaceIds: idsOf(entity.workspaces),
});

export const entityOfOrganization = (organization: Organization): FeedOrganization => ({
  kind: 'organization',
  tenant_id: organization.tenantId,
  id: organization.id,
  code: organization.code,
  name: organization.name,
  status: organization.status,
  settings: organization.settings,
  letterhead: organization.letterhead,
  workspaces: [...organization.workspaces],
});
