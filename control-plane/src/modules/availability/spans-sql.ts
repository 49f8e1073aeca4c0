/**
 * `spanOf` (decide-module.ts) in SQL: every module that a tenant of `tenants t` has at some time, as `code`, `starts` and
 * `ends`; infinite where it is open. Feature flags are left out: each process knows its own. A property test holds the two
 * together.
 */
export const spansSql = `select m.code, span.starts, span.ends
  from platform_product_modules m
  left join platform_plan_modules pm on pm.plan_id = t.plan_id and pm.module_id = m.id
  left join tenant_platform_product_modules tm on tm.tenant_id = t.id and tm.module_id = m.id
  left join tenant_platform_products tp on tp.tenant_id = t.id and tp.product_id = m.product_id
  cross join lateral (select
    greatest(
      case when not tm.enabled then coalesce(tm.valid_until, 'infinity') else '-infinity' end,
      case when not tp.enabled then coalesce(tp.valid_until, 'infinity') else '-infinity' end) as starts,
    least(
      greatest(
        case when pm.module_id is not null then 'infinity'::timestamptz else '-infinity' end,
        case when tp.enabled and tp.source <> 'plan' then coalesce(tp.valid_until, 'infinity') else '-infinity' end,
        case when tm.enabled then coalesce(tm.valid_until, 'infinity') else '-infinity' end),
      case when tp.enabled and tp.source = 'plan' then coalesce(tp.valid_until, 'infinity') else 'infinity' end) as ends
  ) span
  where span.starts < span.ends`;
