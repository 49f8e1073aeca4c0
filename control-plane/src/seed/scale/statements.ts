import { statement } from '@platen/chassis/db/statement';
import { organizationEntity, planGrants, tenantEntityOnPlan } from '../../modules/feed/entities.js';

const write = (name: string, text: string) => statement<never>(`seed_scale_${name}`, text);

/** Ids are derived from numbers, so that a second run finds what the first wrote. */
const idOf = (group: number, number: string) =>
  `('01970000-0000-7000-8${String(group).padStart(3, '0')}-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
const tenantId = idOf(1, 'n');
const organizationId = (k: string) => idOf(2, `n * 4 + ${k}`);
const workspaceId = (k: string) => idOf(3, `n * 4 + ${k}`);
const settingsId = (k: string) => idOf(4, `n * 4 + ${k}`);
const domainId = (k: string) => idOf(5, `n * 4 + ${k}`);
const storeId = idOf(6, 'n');
/** Room for 65,536 users a tenant. */
const userId = (k: string) => idOf(7, `n::bigint * 65536 + ${k}`);
const userRoleId = (k: string) => idOf(8, `n::bigint * 65536 + ${k}`);

const slug = `'scale-' || lpad(n::text, 6, '0')`;
/** One in five is a larger customer: the larger plan, two organizations, workspaces. */
const isLarge = 'n % 5 = 1';
/** Tenants $1 to $2 that this run makes; who was there before stays as it is. */
const made = `(select n, ${tenantId} as tenant_id, ${isLarge} as is_large
  from generate_series($1::int, $2::int) n join tenants t on t.id = ${tenantId} and t.created_at = now()::timestamptz(3)) made`;

/** In this order, for each span of numbers $1 to $2. */
export const scaleStatements = {
  tenants: write(
    'tenants',
    `insert into tenants (id, slug, name, status, plan_id, erp_db_key)
     select ${tenantId}, ${slug}, 'Scale ' || n, case when n % 50 = 0 then 'suspended' else 'active' end,
       case when ${isLarge} then $3::uuid else $4::uuid end, 'erp-' || n % $5::int + 1
     from generate_series($1::int, $2::int) n on conflict do nothing`,
  ),
  subdomains: write(
    'subdomains',
    `insert into tenant_domains (tenant_id, id, domain, kind, verified_at, is_primary)
     select tenant_id, ${domainId('0')}, ${slug} || '.' || $3::text, 'subdomain', now(), true from ${made}`,
  ),
  customDomains: write(
    'custom_domains',
    `insert into tenant_domains (tenant_id, id, domain, kind, verified_at)
     select tenant_id, ${domainId('k')}, (array['www', 'shop'])[k] || '.' || ${slug} || '.test', 'custom', now()
     from ${made} cross join generate_series(1, 2) k where k = 1 and n % 3 = 0 or k = 2 and is_large`,
  ),
  products: write(
    'products',
    `insert into tenant_platform_products (tenant_id, product_id, source)
     select tenant_id, p.id, 'plan' from ${made} cross join platform_products p`,
  ),
  /** Small tenants that try or were given what their plan is without. */
  modules: write(
    'modules',
    `insert into tenant_platform_product_modules (tenant_id, module_id, source, valid_until)
     select tenant_id, m.id, case when n % 20 = 0 then 'trial' else 'grant' end,
       case when n % 20 = 0 then date_trunc('day', now()) + interval '31 days' end
     from ${made} cross join platform_product_modules m
     where not is_large and (n % 20 = 0 or n % 33 = 0)
       and not exists (select from platform_plan_modules pm where pm.plan_id = $3::uuid and pm.module_id = m.id)`,
  ),
  organizations: write(
    'organizations',
    `insert into res_organizations (tenant_id, id, code, name)
     select tenant_id, ${organizationId('k')}, 'org-' || k, 'Organization ' || k
     from ${made} cross join generate_series(1, case when is_large then 2 else 1 end) k`,
  ),
  settings: write(
    'settings',
    `insert into res_organization_settings (tenant_id, id, organization_id, workspace_required, currency, time_zone,
       locale, tax_rounding, quote_prefix, order_prefix, quote_valid_days)
     select tenant_id, ${settingsId('k')}, ${organizationId('k')}, false, $3, $4, 'en', $5, $6, $7, $8::int
     from ${made} cross join generate_series(1, case when is_large then 2 else 1 end) k`,
  ),
  workspaces: write(
    'workspaces',
    `insert into res_workspaces (tenant_id, id, organization_id, code, name)
     select tenant_id, ${workspaceId('k')}, ${organizationId('1')}, 'ws-' || k, 'Workspace ' || k
     from ${made} cross join generate_series(1, 2) k where is_large`,
  ),
  stores: write(
    'stores',
    `insert into tenant_stores (tenant_id, id, code, name, domain_id, organization_id, workspace_id)
     select tenant_id, ${storeId}, 'shop', 'Shop', ${domainId('2')}, ${organizationId('1')}, ${workspaceId('1')}
     from ${made} where is_large`,
  ),
  /** $3: users of a small tenant, $4: of a large one, $5: so many large ones have one more. $6: everybody's hash. */
  users: write(
    'users',
    `insert into res_users (tenant_id, id, email, name, password_hash, status, default_organization_id)
     select tenant_id, ${userId('k')}, 'user-' || k || '@' || ${slug} || '.test', 'User ' || k, $6, 'active', ${organizationId('1')}
     from ${made} cross join lateral generate_series(1, ${seats()}) k`,
  ),
  /** The first is the tenant's administrator, the others work in one organization. */
  userRoles: write(
    'user_roles',
    `insert into res_user_roles (tenant_id, id, user_id, role_id, scope, organization_id)
     select tenant_id, ${userRoleId('k')}, ${userId('k')},
       case when k = 1 then $6::uuid else ($7::uuid[])[k % cardinality($7::uuid[]) + 1] end,
       case when k = 1 then 'tenant' else 'organization' end, case when k > 1 then ${organizationId('1')} end
     from ${made} cross join lateral generate_series(1, ${seats()}) k`,
  ),
  announceTenants: write(
    'announce_tenants',
    `insert into control_changes (kind, tenant_id, payload)
     with ${planGrants}
     select 'tenant', t.id, ${tenantEntityOnPlan}::jsonb
     from ${made} join tenants t on t.id = made.tenant_id join p on p.plan_id = t.plan_id`,
  ),
  announceOrganizations: write(
    'announce_organizations',
    `insert into control_changes (kind, tenant_id, payload)
     select 'organization', o.tenant_id, ${organizationEntity}::jsonb
     from ${made} join res_organizations o on o.tenant_id = made.tenant_id
     join res_organization_settings s on s.tenant_id = o.tenant_id and s.organization_id = o.id`,
  ),
};

function seats(): string {
  return 'case when not is_large then $3::int else $4::int + case when n / 5 < $5::int then 1 else 0 end end';
}

/** What this transaction has made. */
export const countSeeded = statement<{ tenants: number; users: number }>(
  'seed_scale_count',
  `select (select count(*) from tenants where created_at = now()::timestamptz(3)) as tenants,
     (select count(*) from res_users where created_at = now()::timestamptz(3)) as users`,
  { parse: { tenants: 'int', users: 'int' } },
);
