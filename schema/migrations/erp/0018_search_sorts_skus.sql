-- A word alone: of each match no more than its SKU is read and sorted: schema/src/tables/erp/search.ts says how.
--> statement-breakpoint
create or replace function search_variants(wanted text, after_sku text, from_sku text, beyond_sku text,
  variant_status text, product_status text, category uuid, row_limit integer) returns setof uuid
language plpgsql stable security definer rows 51
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set max_parallel_workers_per_gather = 0
set enable_seqscan = off
set jit = off
as $$
declare
  tenant uuid := nullif(current_setting('app.tenant_id', true), '');
  organization uuid := nullif(current_setting('app.organization_id', true), '');
  workspace uuid := nullif(current_setting('app.workspace_id', true), '');
  words text[] := public.search_words(wanted, organization);
  query tsquery;
  -- The first SKU that comes after one is that one and the least of all characters.
  first_sku text := case when after_sku ~>=~ from_sku and after_sku <> '' then after_sku || chr(1) else from_sku end;
  next_sku text := first_sku;
  row_count integer := 400;
  seen record;
  found_ids uuid[];
  found_skus text[];
  chosen_products uuid[];
begin
  if tenant is null or organization is null or wanted is not null and cardinality(words) = 0 then
    return;
  end if;
  -- Words are letters and digits: nothing in them means anything to a query. Said twice they cost twice.
  query := nullif(concat_ws(' & ',
    (select string_agg(distinct '''' || word || '''', ' & ') from unnest(words[:cardinality(words) - 1]) word),
    '''' || words[cardinality(words)] || ''':*'), '');

  loop
    select count(*) as rows, (array_agg(n.sku))[row_count] as last_sku, array_agg(n.id) filter (where (workspace is null or n.workspace_id is null or n.workspace_id = workspace) and (variant_status is null or n.status = variant_status) and (query is null or n.search @@ query)
      and (product_status is null and category is null or exists (
        select from public.erp_products p where p.tenant_id = tenant and p.organization_id = organization and (workspace is null or p.workspace_id is null or p.workspace_id = workspace) and p.id = n.product_id and (product_status is null or p.status = product_status) and (category is null or p.category_id = category)))) as ids
      into seen from (
        select v.tenant_id, v.organization_id, v.workspace_id, v.id, v.product_id, v.sku, v.status, v.search from public.erp_product_variants v where v.tenant_id = tenant and v.organization_id = organization
          and v.sku ~>=~ next_sku and v.sku ~<~ beyond_sku and (variant_status is distinct from 'archived' or v.status = 'archived')
        order by v.sku using ~<~ limit row_count) n;
    found_ids := found_ids || seen.ids;
    if seen.rows < row_count or cardinality(found_ids) >= row_limit then
      return query select unnest(found_ids[:row_limit]);
      return;
    end if;
    exit when row_count <> 400 or found_ids is null or cardinality(found_ids) * 10 < row_limit;
    -- Half as many again as it should take.
    row_count := least(3000, row_limit * 400 * 3 / 2 / cardinality(found_ids));
    next_sku := seen.last_sku || chr(1);
  end loop;

  if category is not null or product_status is not null then
    chosen_products := array(select p.id from public.erp_products p
      where p.tenant_id = tenant and p.organization_id = organization and (workspace is null or p.workspace_id is null or p.workspace_id = workspace) and (product_status is null or p.status = product_status) and (category is null or p.category_id = category) limit 101);
  end if;
  if cardinality(chosen_products) <= 100 then
    return query select v.id from unnest(chosen_products) chosen,
      lateral (select v.tenant_id, v.organization_id, v.workspace_id, v.id, v.product_id, v.sku, v.status, v.search from public.erp_product_variants v
        where v.tenant_id = tenant and v.organization_id = organization and v.product_id = chosen offset 0) v
      where (workspace is null or v.workspace_id is null or v.workspace_id = workspace) and (variant_status is null or v.status = variant_status) and (query is null or v.search @@ query) and v.sku ~>=~ first_sku and v.sku ~<~ beyond_sku
      order by v.sku using ~<~ limit row_limit;
  elsif query is null then
    return query select v.id from public.erp_product_variants v
      where v.tenant_id = tenant and v.organization_id = organization and v.sku ~>=~ first_sku and v.sku ~<~ beyond_sku
        and (workspace is null or v.workspace_id is null or v.workspace_id = workspace) and (variant_status is null or v.status = variant_status) and (query is null or v.search @@ query) and (product_status is null and category is null or exists (
        select from public.erp_products p where p.tenant_id = tenant and p.organization_id = organization and (workspace is null or p.workspace_id is null or p.workspace_id = workspace) and p.id = v.product_id and (product_status is null or p.status = product_status) and (category is null or p.category_id = category)))
      order by v.sku using ~<~ limit row_limit;
  else
    -- Thousands may have a word alone: of each no more is read and sorted than its SKU. Whose they are is seen by those
    -- that are found, which are looked up by these SKUs.
    if cardinality(words) = 1 then
      found_skus := array(select v.sku from public.erp_product_variants v
        where v.search @@ query and (first_sku = '' or (v.sku ~>=~ first_sku) is true)
        and (beyond_sku = chr(1114111) or (v.sku ~<~ beyond_sku) is true)
        and (workspace is null or v.workspace_id is null or v.workspace_id = workspace) and (variant_status is null or v.status = variant_status) and (product_status is null and category is null or exists (
        select from public.erp_products p where p.tenant_id = tenant and p.organization_id = organization and (workspace is null or p.workspace_id is null or p.workspace_id = workspace) and p.id = v.product_id and (product_status is null or p.status = product_status) and (category is null or p.category_id = category)))
        order by v.sku using ~<~ limit row_limit);
      found_ids := array(select v.id from unnest(found_skus) found(sku), lateral (
          select v.tenant_id, v.organization_id, v.workspace_id, v.id, v.product_id, v.sku, v.status, v.search from public.erp_product_variants v
          where v.tenant_id = tenant and v.organization_id = organization and v.sku = found.sku offset 0) v
        where (workspace is null or v.workspace_id is null or v.workspace_id = workspace) and (variant_status is null or v.status = variant_status) and (query is null or v.search @@ query) and (product_status is null and category is null or exists (
        select from public.erp_products p where p.tenant_id = tenant and p.organization_id = organization and (workspace is null or p.workspace_id is null or p.workspace_id = workspace) and p.id = v.product_id and (product_status is null or p.status = product_status) and (category is null or p.category_id = category)))
        order by v.sku using ~<~);
      if cardinality(found_ids) = cardinality(found_skus) then
        return query select unnest(found_ids);
        return;
      end if;
    end if;
    -- Or somebody else has the same mark, and the same word. The owner is compared in a way that no index serves, or all
    -- rows of the organization would be looked up beside those that have the words.
    return query select v.id from public.erp_product_variants v
      where v.search @@ query
        and v.tenant_id is not distinct from tenant and v.organization_id is not distinct from organization
        and (first_sku = '' or (v.sku ~>=~ first_sku) is true)
        and (beyond_sku = chr(1114111) or (v.sku ~<~ beyond_sku) is true)
        and (workspace is null or v.workspace_id is null or v.workspace_id = workspace) and (variant_status is null or v.status = variant_status) and (product_status is null and category is null or exists (
        select from public.erp_products p where p.tenant_id = tenant and p.organization_id = organization and (workspace is null or p.workspace_id is null or p.workspace_id = workspace) and p.id = v.product_id and (product_status is null or p.status = product_status) and (category is null or p.category_id = category)))
      order by v.sku using ~<~ limit row_limit;
  end if;
end
$$;
