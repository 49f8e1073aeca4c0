import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  foreignKey,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { tenantStatuses } from '../../contracts/internal/feed.js';
import { limitCodes } from '../../modules.js';
import { id, instant, oneOf, stamps } from '../columns.js';
import { platformPlans, platformProductModules, platformProducts } from './plans.js';

export const domainKinds = ['subdomain', 'custom'] as const;
export type DomainKind = (typeof domainKinds)[number];
/** Why a tenant has something: its plan, a gift, or a trial. */
export const enablementSources = ['plan', 'grant', 'trial'] as const;
export type EnablementSource = (typeof enablementSources)[number];

export const tenants = pgTable(
  'tenants',
  {
    id: id(),
    slug: text().notNull(),
    name: text().notNull(),
    status: text().notNull(),
    status_changed_at: instant().notNull().defaultNow(),
    /** While `deleting`: when the purge is due; until then the deletion can be taken back. */
    delete_after: instant(),
    /** Why the last provisioning failed, for whoever tries again. */
    provision_error: text(),
    plan_id: uuid().notNull(),
    /** Keys of the data plane's catalogue; never an address. */
    erp_db_key: text().notNull(),
    telemetry_db_key: text(),
    /** Tokens with a lower tenant epoch are stale. */
    authz_epoch: integer().notNull().default(1),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'tenants_pkey', columns: [t.id] }),
    unique('tenants_slug_key').on(t.slug),
    foreignKey({ name: 'tenants_plan_fkey', columns: [t.plan_id], foreignColumns: [platformPlans.id] }),
    oneOf('tenants', t.status, tenantStatuses),
  ],
);

export const tenantDomains = pgTable(
  'tenant_domains',
  {
    tenant_id: uuid().notNull(),
    id: id(),
    /** Lower case, IDNA. Anybody may claim one; only one tenant of all has it verified. */
    domain: text().notNull(),
    kind: text().notNull(),
    verified_at: instant(),
    /** What a TXT record must hold to prove that the domain is the tenant's; null: a subdomain, ours anyway. */
    verification_token: text(),
    is_primary: boolean().notNull().default(false),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'tenant_domains_pkey', columns: [t.tenant_id, t.id] }),
    unique('tenant_domains_domain_key').on(t.tenant_id, t.domain),
    // A claim that is not proven keeps nobody else from proving theirs.
    uniqueIndex('tenant_domains_verified_key').on(t.domain).where(sql`verified_at is not null`),
    foreignKey({ name: 'tenant_domains_tenant_fkey', columns: [t.tenant_id], foreignColumns: [tenants.id] }),
    oneOf('tenant_domains', t.kind, domainKinds),
  ],
);

const enablement = () => ({
  enabled: boolean().notNull().default(true),
  source: text().notNull(),
  valid_until: instant(),
  ...stamps(),
});

export const tenantPlatformProducts = pgTable(
  'tenant_platform_products',
  { tenant_id: uuid().notNull(), product_id: uuid().notNull(), ...enablement() },
  (t) => [
    primaryKey({ name: 'tenant_platform_products_pkey', columns: [t.tenant_id, t.product_id] }),
    foreignKey({ name: 'tenant_platform_products_tenant_fkey', columns: [t.tenant_id], foreignColumns: [tenants.id] }),
    foreignKey({
      name: 'tenant_platform_products_product_fkey',
      columns: [t.product_id],
      foreignColumns: [platformProducts.id],
    }),
    oneOf('tenant_platform_products', t.source, enablementSources),
  ],
);

export const tenantPlatformProductModules = pgTable(
  'tenant_platform_product_modules',
  { tenant_id: uuid().notNull(), module_id: uuid().notNull(), ...enablement() },
  (t) => [
    primaryKey({ name: 'tenant_platform_product_modules_pkey', columns: [t.tenant_id, t.module_id] }),
    foreignKey({
      name: 'tenant_platform_product_modules_tenant_fkey',
      columns: [t.tenant_id],
      foreignColumns: [tenants.id],
    }),
    foreignKey({
      name: 'tenant_platform_product_modules_module_fkey',
      columns: [t.module_id],
      foreignColumns: [platformProductModules.id],
    }),
    oneOf('tenant_platform_product_modules', t.source, enablementSources),
  ],
);

/** A tenant's own limit, in place of its plan's. */
export const tenantPlatformLimits = pgTable(
  'tenant_platform_limits',
  {
    tenant_id: uuid().notNull(),
    limit_code: text().notNull(),
    /** null: unlimited. */
    value: bigint({ mode: 'bigint' }),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'tenant_platform_limits_pkey', columns: [t.tenant_id, t.limit_code] }),
    foreignKey({ name: 'tenant_platform_limits_tenant_fkey', columns: [t.tenant_id], foreignColumns: [tenants.id] }),
    oneOf('tenant_platform_limits', t.limit_code, limitCodes),
  ],
);
