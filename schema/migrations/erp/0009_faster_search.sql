-- The same words and answers, found and kept at less cost: schema/src/tables/erp/search.ts says how.
--> statement-breakpoint
create or replace function search_words(content text, organization uuid) returns text[]
language sql stable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select right(organization::text, 8) || left(word, 64)
    from unnest(string_to_array(regexp_replace(lower(normalize(content, NFKC)), '[^[:alnum:]]+', ' ', 'g'), ' ')) word
    where word <> '')
$$;
--> statement-breakpoint
create or replace function keep_variant_words() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  about_product text;
  content text;
  mark text := right(new.organization_id::text, 8);
begin
  if tg_op = 'INSERT' then
    select concat_ws(' ', p.code, p.name, p.brand) into about_product from public.erp_products p
      where p.tenant_id = new.tenant_id and p.organization_id = new.organization_id and p.id = new.product_id
      for share;
  else
    select concat_ws(' ', p.code, p.name, p.brand) into about_product from public.erp_products p
      where p.tenant_id = new.tenant_id and p.organization_id = new.organization_id and p.id = new.product_id;
  end if;
  content := concat_ws(' ', about_product, new.sku, new.gtin, jsonb_path_query_array(new.option_values, '$.*')::text);
  if octet_length(content) = length(content) and content !~ '\\|[[:alnum:]]{65}' then
    new.search := array_to_tsvector(array_remove(string_to_array(
      mark || regexp_replace(lower(content), '[^[:alnum:]]+', ' ' || mark, 'g'), ' '), mark));
  else
    new.search := array_to_tsvector(public.search_words(
      concat_ws(' ', about_product, new.sku, new.gtin,
        (select string_agg(chosen.value, ' ') from jsonb_each_text(new.option_values) chosen)),
      new.organization_id));
  end if;
  return new;
end
$$;
--> statement-breakpoint
create or replace function search_variants(wanted text, after_sku text, from_sku text, beyond_sku text,
  variant_status text, product_status text, category uuid, row_limit integer) returns setof uuid
language plpgsql stable security definer rows 51
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set max_parallel_workers_per_gather = 0
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
  next_sku text;
  found_ids uuid[];
  chosen_products uuid[];
begin
  if tenant is null or organization is null or wanted is not null and cardinality(words) = 0 then
    return;
  end if;
  -- Words are letters and digits: nothing in them means anything to a query. Said twice they cost twice.
  query := nullif(concat_ws(' & ',
    (select string_agg(distinct '''' || word || '''', ' & ') from unnest(words[:cardinality(words) - 1]) word),
    '''' || words[cardinality(words)] || ''':*'), '');

  found_ids := array(select n.id from ((select v.tenant_id, v.organization_id, v.workspace_id, v.id, v.product_id, v.sku, v.status, v.search from public.erp_product_variants v
      where v.tenant_id = tenant and v.organization_id = organization and v.sku ~>=~ first_sku and v.sku ~<~ beyond_sku and variant_status is distinct from 'archived'
      order by v.sku using ~<~ limit 1000)
      union all
      (select v.tenant_id, v.organization_id, v.workspace_id, v.id, v.product_id, v.sku, v.status, v.search from public.erp_product_variants v
      where v.tenant_id = tenant and v.organization_id = organization and v.sku ~>=~ first_sku and v.sku ~<~ beyond_sku and variant_status = 'archived' and v.status = 'archived'
      order by v.sku using ~<~ limit 1000)) n where n.tenant_id = tenant and n.organization_id = organization
      and (workspace is null or n.workspace_id is null or n.workspace_id = workspace) and (variant_status is null or n.status = variant_status) and (query is null or n.search @@ query) and (product_status is null and category is null or exists (
      select from public.erp_products p where p.tenant_id = tenant and p.organization_id = organization
      and (workspace is null or p.workspace_id is null or p.workspace_id = workspace) and p.id = n.product_id
        and (product_status is null or p.status = product_status) and (category is null or p.category_id = category))) limit row_limit);
  if cardinality(found_ids) < row_limit then
    next_sku := (select n.sku || chr(1) from ((select v.tenant_id, v.organization_id, v.workspace_id, v.id, v.product_id, v.sku, v.status, v.search from public.erp_product_variants v
      where v.tenant_id = tenant and v.organization_id = organization and v.sku ~>=~ first_sku and v.sku ~<~ beyond_sku and variant_status is distinct from 'archived'
      order by v.sku using ~<~ limit 1000)
      union all
      (select v.tenant_id, v.organization_id, v.workspace_id, v.id, v.product_id, v.sku, v.status, v.search from public.erp_product_variants v
      where v.tenant_id = tenant and v.organization_id = organization and v.sku ~>=~ first_sku and v.sku ~<~ beyond_sku and variant_status = 'archived' and v.status = 'archived'
      order by v.sku using ~<~ limit 1000)) n offset 999);
  end if;
  if next_sku is not null and cardinality(found_ids) * 4 >= row_limit then
    found_ids := found_ids || array(select n.id from ((select v.tenant_id, v.organization_id, v.workspace_id, v.id, v.product_id, v.sku, v.status, v.search from public.erp_product_variants v
      where v.tenant_id = tenant and v.organization_id = organization and v.sku ~>=~ next_sku and v.sku ~<~ beyond_sku and variant_status is distinct from 'archived'
      order by v.sku using ~<~ limit 3000)
      union all
      (select v.tenant_id, v.organization_id, v.workspace_id, v.id, v.product_id, v.sku, v.status, v.search from public.erp_product_variants v
      where v.tenant_id = tenant and v.organization_id = organization and v.sku ~>=~ next_sku and v.sku ~<~ beyond_sku and variant_status = 'archived' and v.status = 'archived'
      order by v.sku using ~<~ limit 3000)) n
      where n.tenant_id = tenant and n.organization_id = organization
      and (workspace is null or n.workspace_id is null or n.workspace_id = workspace) and (variant_status is null or n.status = variant_status) and (query is null or n.search @@ query) and (product_status is null and category is null or exists (
      select from public.erp_products p where p.tenant_id = tenant and p.organization_id = organization
      and (workspace is null or p.workspace_id is null or p.workspace_id = workspace) and p.id = n.product_id
        and (product_status is null or p.status = product_status) and (category is null or p.category_id = category))) limit row_limit - cardinality(found_ids));
  end if;
  if next_sku is null or cardinality(found_ids) >= row_limit then
    return query select unnest(found_ids);
    return;
  end if;

  if category is not null then
    chosen_products := array(select p.id from public.erp_products p where p.tenant_id = tenant and p.organization_id = organization
      and (workspace is null or p.workspace_id is null or p.workspace_id = workspace) and p.category_id = category
      and (product_status is null or p.status = product_status) limit 101);
  elsif product_status is not null then
    chosen_products := array(select p.id from public.erp_products p where p.tenant_id = tenant and p.organization_id = organization
      and (workspace is null or p.workspace_id is null or p.workspace_id = workspace) and p.status = product_status
      limit 101);
  end if;
  if cardinality(chosen_products) <= 100 then
    return query select v.id from unnest(chosen_products) chosen,
      lateral (select v.tenant_id, v.organization_id, v.workspace_id, v.id, v.product_id, v.sku, v.status, v.search from public.erp_product_variants v
        where v.tenant_id = tenant and v.organization_id = organization and v.product_id = chosen offset 0) v
      where v.tenant_id = tenant and v.organization_id = organization
      and (workspace is null or v.workspace_id is null or v.workspace_id = workspace) and v.sku ~>=~ first_sku and v.sku ~<~ beyond_sku and (query is null or v.search @@ query) and (variant_status is null or v.status = variant_status)
      order by v.sku using ~<~ limit row_limit;
  elsif query is null then
    return query select v.id from public.erp_product_variants v
      where v.tenant_id = tenant and v.organization_id = organization
      and (workspace is null or v.workspace_id is null or v.workspace_id = workspace) and v.sku ~>=~ first_sku and v.sku ~<~ beyond_sku and (variant_status is null or v.status = variant_status) and (product_status is null and category is null or exists (
      select from public.erp_products p where p.tenant_id = tenant and p.organization_id = organization
      and (workspace is null or p.workspace_id is null or p.workspace_id = workspace) and p.id = v.product_id
        and (product_status is null or p.status = product_status) and (category is null or p.category_id = category)))
      order by v.sku using ~<~ limit row_limit;
  else
    -- The owner is compared in a way that no index serves, or all rows of the organization would be looked up beside
    -- those that have the words.
    return query select v.id from public.erp_product_variants v
      where v.search @@ query
        and v.tenant_id is not distinct from tenant and v.organization_id is not distinct from organization
        and (workspace is null or v.workspace_id is null or v.workspace_id = workspace)
        and (v.sku ~>=~ first_sku) is true and (v.sku ~<~ beyond_sku) is true
        and (variant_status is null or v.status = variant_status) and (product_status is null and category is null or exists (
      select from public.erp_products p where p.tenant_id = tenant and p.organization_id = organization
      and (workspace is null or p.workspace_id is null or p.workspace_id = workspace) and p.id = v.product_id
        and (product_status is null or p.status = product_status) and (category is null or p.category_id = category)))
      order by v.sku using ~<~ limit row_limit;
  end if;
end
$$;
--> statement-breakpoint
alter index erp_product_variants_search_idx set (gin_pending_list_limit = 128);
