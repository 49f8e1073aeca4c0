import { spansSql } from '../availability/index.js';

export const instant = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const modulesJson = `(select coalesce(json_agg(case when m.starts = '-infinity'
      then json_build_object('code', m.code, 'valid_until', ${instant("nullif(m.ends, 'infinity')")})
      else json_build_object('code', m.code, 'valid_from', ${instant('m.starts')},
        'valid_until', ${instant("nullif(m.ends, 'infinity')")}) end
      order by m.code), '[]')
    from (${spansSql}) m)`;

/**
 * A tenant as the feed shows it, from `tenants t`. What it may use and when, for all times to come: nothing has to be told
 * when a trial ends; what it may spend: its own limits, else its plan's.
 */
const tenantEntityWith = (modules: string, limits: string) => `json_build_object(
  'kind', 'tenant', 'id', t.id, 'slug', t.slug, 'name', t.name, 'status', t.status,
  'domains', (select coalesce(json_agg(d.domain order by d.domain), '[]') from tenant_domains d
    where d.tenant_id = t.id and d.kind = 'custom' and d.verified_at is not null),
  'primary_domain', (select d.domain from tenant_domains d
    where d.tenant_id = t.id and d.kind = 'custom' and d.is_primary and d.verified_at is not null),
  'stores', (select coalesce(json_agg(json_build_object('domain', d.domain, 'id', s.id,
      'organization_id', s.organization_id, 'workspace_id', s.workspace_id) order by d.domain), '[]')
    from tenant_stores s join tenant_domains d on d.tenant_id = s.tenant_id and d.id = s.domain_id
    where s.tenant_id = t.id and d.verified_at is not null),
  'erp_db_key', t.erp_db_key, 'telemetry_db_key', t.telemetry_db_key, 'authz_epoch', t.authz_epoch,
  'modules', ${modules},
  'limits', ${limits})`;

const limitsJson = `(select coalesce(json_object_agg(limit_code, value), '{}') from (
    select l.limit_code, l.value from tenant_platform_limits l where l.tenant_id = t.id
    union all
    select p.limit_code, p.value from platform_plan_limits p where p.plan_id = t.plan_id
      and not exists (select from tenant_platform_limits l where l.tenant_id = t.id and l.limit_code = p.limit_code)) limits)`;

export const tenantEntity = tenantEntityWith(modulesJson, limitsJson);

/**
 * What a tenant has for whom nothing special is set, once for each plan: `with ${planGrants}`, joined as `p` on `plan_id`.
 * Working it out for each of thousands of tenants is most of what a snapshot costs.
 */
export const planGrants = `p as materialized (select pl.id as plan_id,
    (select coalesce(json_agg(json_build_object('code', m.code, 'valid_until', null) order by m.code), '[]')
      from platform_plan_modules pm join platform_product_modules m on m.id = pm.module_id where pm.plan_id = pl.id) as modules,
    (select coalesce(json_object_agg(l.limit_code, l.value), '{}') from platform_plan_limits l
      where l.plan_id = pl.id) as limits
  from platform_plans pl)`;
/** The same as `tenantEntity`, from `tenants t` and its plan's `p`. */
export const tenantEntityOnPlan = tenantEntityWith(
  `case
    when not exists (select from tenant_platform_product_modules x where x.tenant_id = t.id)
      and not exists (select from tenant_platform_products x
        where x.tenant_id = t.id and (not x.enabled or x.source <> 'plan' or x.valid_until is not null))
    then p.modules else ${modulesJson} end`,
  `case when not exists (select from tenant_platform_limits x where x.tenant_id = t.id) then p.limits else ${limitsJson} end`,
);

/** An organization with its settings and active workspaces, from `res_organizations o` and its settings `s`. */
export const organizationEntity = `json_build_object(
  'kind', 'organization', 'tenant_id', o.tenant_id, 'id', o.id, 'code', o.code, 'name', o.name, 'status', o.status,
  'settings', json_build_object('workspace_required', s.workspace_required, 'currency', s.currency,
    'time_zone', s.time_zone, 'locale', s.locale, 'tax_rounding', s.tax_rounding, 'quote_prefix', s.quote_prefix,
    'order_prefix', s.order_prefix, 'quote_valid_days', s.quote_valid_days,
    'purchase_order_prefix', s.purchase_order_prefix, 'receipt_tolerance_percent', s.receipt_tolerance_percent::text),
  'letterhead', case when num_nonnulls(s.legal_name, s.address, s.tax_number, s.terms, s.logo_file_id) > 0 then
    json_build_object('legal_name', s.legal_name, 'address', s.address, 'tax_number', s.tax_number, 'terms', s.terms,
      'logo_file_id', s.logo_file_id) end,
  'workspaces', (select coalesce(json_agg(json_build_object('id', w.id, 'code', w.code, 'name', w.name) order by w.code), '[]')
    from res_workspaces w where w.tenant_id = o.tenant_id and w.organization_id = o.id and w.status = 'active'))`;

export const signingKeysEntity = `(select json_build_object('kind', 'signing_keys',
  'keys', coalesce(json_agg(k.public_jwk order by k.created_at, k.kid), '[]'))
  from platform_signing_keys k where k.status not in ('retired', 'revoked'))`;
