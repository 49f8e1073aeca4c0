import { lockNumber } from '@platen/chassis/db/advisory-locks';
import { statement } from '@platen/chassis/db/statement';
import { organizationEntity, planGrants, tenantEntityOnPlan } from '../modules/feed/entities.js';

const write = (name: string, text: string) => statement<never>(`seed_${name}`, text);

/** Each puts a row as the seeds have it; one that is there already is brought up to them, and its id stays. */
export const statements = {
  product: write(
    'product',
    `insert into platform_products (id, code, name, position) values ($1, $2, $3, $4) on conflict (code) do nothing`,
  ),
  module: write(
    'module',
    `insert into platform_product_modules (id, product_id, code, name, feature_flag)
     select $1, id, $3, $4, $5 from platform_products where code = $2
     on conflict (code) do update set product_id = excluded.product_id, name = excluded.name,
       feature_flag = excluded.feature_flag, updated_at = now()`,
  ),
  permission: write(
    'permission',
    `insert into res_permissions (id, code, module_id, bit, description)
     select $1, $2, id, $4, $5 from platform_product_modules where code = $3
     on conflict (code) do update set module_id = excluded.module_id, description = excluded.description, updated_at = now()
     where res_permissions.bit = excluded.bit`,
  ),
  plan: write('plan', 'insert into platform_plans (id, code, name) values ($1, $2, $3)'),
  planModules: write(
    'plan_modules',
    `insert into platform_plan_modules (plan_id, module_id)
     select $1, id from platform_product_modules where code = any ($2) on conflict do nothing`,
  ),
  planLimit: write('plan_limit', 'insert into platform_plan_limits (plan_id, limit_code, value) values ($1, $2, $3)'),
  menuItem: write(
    'menu_item',
    `insert into res_menu_items
       (id, code, parent_id, module_id, permission_id, label, route, icon, position, upsell)
     select $1, $2, (select id from res_menu_items where code = $3), m.id,
       (select id from res_permissions where code = $5), $6, $7, $8, $9, $10
     from platform_product_modules m where m.code = $4
     on conflict (code) do update set parent_id = excluded.parent_id, module_id = excluded.module_id,
       permission_id = excluded.permission_id, label = excluded.label, route = excluded.route, icon = excluded.icon,
       position = excluded.position, upsell = excluded.upsell, updated_at = now()`,
  ),
  deleteOtherMenuItems: write('delete_menu_items', 'delete from res_menu_items where code <> all ($1)'),
  role: write(
    'role',
    `insert into res_roles (id, tenant_id, code, name) values ($1, null, $2, $3)
     on conflict (id) do update set code = excluded.code, name = excluded.name, updated_at = now()`,
  ),
  rolePermissions: write(
    'role_permissions',
    `insert into res_role_permissions (tenant_id, role_id, permission_id)
     select null, $1, id from res_permissions where code = any ($2) on conflict do nothing`,
  ),
  /** One of before there was telemetry gets its database; where it has one, that is where its readings are. */
  tenant: write(
    'tenant',
    `insert into tenants as t (id, slug, name, status, plan_id, erp_db_key, telemetry_db_key)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (id) do update set telemetry_db_key = excluded.telemetry_db_key, updated_at = now()
     where t.telemetry_db_key is null and excluded.telemetry_db_key is not null`,
  ),
  domain: write(
    'domain',
    `insert into tenant_domains (tenant_id, id, domain, kind, verified_at, is_primary)
     values ($1, $2, $3, 'subdomain', now(), true) on conflict do nothing`,
  ),
  tenantProducts: write(
    'tenant_products',
    `insert into tenant_platform_products (tenant_id, product_id, source)
     select $1, id, 'plan' from platform_products on conflict do nothing`,
  ),
  tenantTrials: write(
    'tenant_trials',
    `insert into tenant_platform_product_modules (tenant_id, module_id, source, valid_until)
     select $1, id, 'trial', date_trunc('day', now()) + interval '31 days'
     from platform_product_modules where code = any ($2) on conflict do nothing`,
  ),
  organization: write(
    'organization',
    `insert into res_organizations (tenant_id, id, code, name) values ($1, $2, $3, $4) on conflict do nothing`,
  ),
  settings: write(
    'settings',
    `insert into res_organization_settings (tenant_id, id, organization_id, workspace_required, currency, time_zone,
       locale, tax_rounding, quote_prefix, order_prefix, quote_valid_days, legal_name, address, tax_number, terms,
       purchase_order_prefix, receipt_tolerance_percent)
     values ($1, $2, $3, $4, $5, $6, 'en', $7, $8, $9, $10, $11, $12::jsonb, $13, $14, $15, $16::numeric)
     on conflict do nothing`,
  ),
  workspace: write(
    'workspace',
    `insert into res_workspaces (tenant_id, id, organization_id, code, name) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
  ),
  user: write(
    'user',
    `insert into res_users
       (tenant_id, id, email, name, password_hash, status, default_organization_id, default_workspace_id)
     values ($1, $2, $3, $4, $5, 'active', $6, $7) on conflict do nothing`,
  ),
  userRole: write(
    'user_role',
    `insert into res_user_roles (tenant_id, id, user_id, role_id, scope, organization_id, workspace_id)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
  ),
  override: write(
    'override',
    `insert into res_user_permission_overrides
       (tenant_id, id, user_id, permission_id, effect, scope, organization_id, workspace_id, reason)
     select $1, $2, $3, id, $5, $6, $7, $8, $9 from res_permissions where code = $4 on conflict do nothing`,
  ),
  platformAdmin: write(
    'platform_admin',
    `insert into platform_admins (id, email, name, password_hash, role) values ($1, $2, $3, $4, $5) on conflict do nothing`,
  ),
  /**
   * An account that is there keeps what operators made of it: a secret that was rotated because it leaked must not come
   * back with the next release. Only a secret that the environment has not given before replaces it, and only scopes that
   * are new to the seeds are added.
   */
  serviceAccount: write(
    'service_account',
    `insert into platform_service_accounts as a (id, code, secret_hash, scopes, seeded_secret_hash, seeded_scopes)
     values ($1, $2, $3, $4, $3, $4)
     on conflict (code) do update set updated_at = now(),
       secret_hash = case when a.seeded_secret_hash <> excluded.secret_hash then excluded.secret_hash else a.secret_hash end,
       scopes = a.scopes || array(select unnest(excluded.scopes) except select unnest(a.scopes || a.seeded_scopes)),
       seeded_secret_hash = excluded.secret_hash, seeded_scopes = excluded.scopes
     where (a.seeded_secret_hash, a.seeded_scopes) is distinct from (excluded.secret_hash, excluded.scopes)
       and a.seeded_secret_hash is not null`,
  ),
  /** Roles of the system reach every tenant: whatever was compiled from them before is stale. */
  raiseEpochs: write('raise_epochs', 'update tenants set authz_epoch = authz_epoch + 1, updated_at = now()'),
  announceTenants: write(
    'announce_tenants',
    `insert into control_changes (kind, tenant_id, payload)
     with ${planGrants}
     select 'tenant', t.id, ${tenantEntityOnPlan}::jsonb from tenants t join p on p.plan_id = t.plan_id`,
  ),
  announceOrganizations: write(
    'announce_organizations',
    `insert into control_changes (kind, tenant_id, payload)
     select 'organization', o.tenant_id, ${organizationEntity}::jsonb
     from res_organizations o
     join res_organization_settings s on s.tenant_id = o.tenant_id and s.organization_id = o.id`,
  ),
};

/** Everything that the feed shows or that tokens rest on, as one text: equal before and after means nothing changed. */
export const fingerprint = statement<{ fingerprint: string; access: string }>(
  'seed_fingerprint',
  `with ${planGrants}
   select
     md5(coalesce((select string_agg(${tenantEntityOnPlan}::text, ',' order by t.id)
         from tenants t join p on p.plan_id = t.plan_id), '') ||
       coalesce((select string_agg(${organizationEntity}::text, ',' order by o.id) from res_organizations o
         join res_organization_settings s on s.tenant_id = o.tenant_id and s.organization_id = o.id), '')) as fingerprint,
     md5(coalesce((select string_agg(rp.role_id || ' ' || p.bit, ',' order by rp.role_id, p.bit)
       from res_role_permissions rp join res_permissions p on p.id = rp.permission_id
       join res_roles r on r.id = rp.role_id and r.tenant_id is null), '')) as access`,
);

export const seedLock = write('lock', `select pg_advisory_xact_lock(${lockNumber('controlSeed')})`);

/** What is sold here already: plans are the operator's from then on, and a release adds to them only what is new with it. */
export const findCatalogue = statement<{ plans: string[]; modules: string[] }>(
  'seed_find_catalogue',
  `select (select coalesce(json_agg(id), '[]') from platform_plans) as plans,
     (select coalesce(json_agg(code), '[]') from platform_product_modules) as modules`,
  { parse: { plans: 'json', modules: 'json' } },
);
export const findSeededUsers = statement<{ id: string }>(
  'seed_find_users',
  'select id from res_users where id = any ($1) union all select id from platform_admins where id = any ($1)',
);
export const findChangedBits = statement<{ code: string }>(
  'seed_find_changed_bits',
  `select code from res_permissions p
   join json_to_recordset($1::json) as wanted(code text, bit int) using (code) where p.bit <> wanted.bit`,
);
