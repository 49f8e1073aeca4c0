-- Of the products that a search goes by it takes fewer at once, and less of each: schema/src/tables/erp/search.ts says how.
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
  product_query tsquery;
  -- The first SKU that comes after one is that one and the least of all characters.
  first_sku text := case when after_sku ~>=~ from_sku and after_sku <> '' then after_sku || chr(1) else from_sku end;
  next_sku text;
  row_count integer := 400;
  seen record;
  found_ids uuid[];
  found_skus text[];
  chosen_products uuid[];
  hinted_products uuid[];
  hinted_skus text[];
  matching_ids uuid[];
  matching_skus text[];
  complete_ids uuid[];
  product_count integer := 0;
  next_count integer := greatest(8, row_limit / 8);
begin
  if tenant is null or organization is null or wanted is not null and cardinality(words) = 0 then
    return;
  end if;
  -- Words are letters and digits: nothing in them means anything to a query. Said twice they cost twice.
  query := nullif(concat_ws(' & ',
    (select string_agg(distinct '''' || word || '''', ' & ') from unnest(words[:cardinality(words) - 1]) word),
    '''' || words[cardinality(words)] || ''':*'), '');
  -- Hints have no GTINs; a number may be one, or the beginning of one.
  product_query := nullif(concat_ws(' & ',
    (select string_agg(distinct '''' || word || '''', ' & ') from unnest(words[:cardinality(words) - 1]) word
      where substr(word, 9) !~ '^[0-9]{8,}$'),
    case when substr(words[cardinality(words)], 9) !~ '^[0-9]+$'
      then '''' || words[cardinality(words)] || ''':*' end), '');

  select count(*) as rows, (array_agg(n.sku))[row_count] as last_sku, array_agg(n.id) filter (where (workspace is null or n.workspace_id is null or n.workspace_id = workspace) and (variant_status is null or n.status = variant_status) and (query is null or n.search @@ query)
    and (product_status is null and category is null or exists (
        select from public.erp_products p where p.tenant_id = tenant and p.organization_id = organization and (workspace is null or p.workspace_id is null or p.workspace_id = workspace) and p.id = n.product_id and (product_status is null or p.status = product_status) and (category is null or p.category_id = category)))) as ids
    into seen from (
      select v.tenant_id, v.organization_id, v.workspace_id, v.id, v.product_id, v.sku, v.status, v.search from public.erp_product_variants v where v.tenant_id = tenant and v.organization_id = organization
        and v.sku ~>=~ first_sku and v.sku ~<~ beyond_sku and (variant_status is distinct from 'archived' or v.status = 'archived')
      order by v.sku using ~<~ limit row_count) n;
  found_ids := found_ids || seen.ids;
  next_sku := seen.last_sku || chr(1);
  if seen.rows < row_count or cardinality(found_ids) >= row_limit then
    return query select unnest(found_ids[:row_limit]);
    return;
  end if;

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
    return;
  end if;

  if product_query is not null then
    select coalesce(array_agg(c.product_id), '{}'), array_agg(c.least_sku) into hinted_products, hinted_skus from (
      select h.product_id, h.least_sku from public.erp_product_search h
      where h.search @@ product_query
        and h.tenant_id is not distinct from tenant and h.organization_id is not distinct from organization
        and (h.greatest_sku ~>=~ first_sku) is true and (h.least_sku ~<~ beyond_sku) is true
      order by h.least_sku using ~<~ limit 121) c;
    if hinted_products = '{}' then
      return;
    end if;
    row_count := 0;
    while next_count > 0 loop
      select count(*) as rows, array_agg(n.id) filter (where n.fits) as ids, array_agg(n.sku) filter (where n.fits) as skus
        into seen from (
          select v.id, v.sku, (workspace is null or v.workspace_id is null or v.workspace_id = workspace) and (variant_status is null or v.status = variant_status) and (query is null or v.search @@ query) as fits
          from unnest(hinted_products[product_count + 1:product_count + next_count]) hinted(product_id), lateral (
            select v.id, v.workspace_id, v.sku, v.status, v.search from public.erp_product_variants v
            where v.tenant_id = tenant and v.organization_id = organization
              and v.product_id = hinted.product_id offset 0) v
          where (first_sku = '' or (v.sku ~>=~ first_sku) is true)
        and (beyond_sku = chr(1114111) or (v.sku ~<~ beyond_sku) is true) and (product_status is null and category is null or exists (
        select from public.erp_products p where p.tenant_id = tenant and p.organization_id = organization and (workspace is null or p.workspace_id is null or p.workspace_id = workspace) and p.id = hinted.product_id and (product_status is null or p.status = product_status) and (category is null or p.category_id = category)))
          limit 4001 - row_count) n;
      matching_ids := matching_ids || seen.ids;
      matching_skus := matching_skus || seen.skus;
      row_count := row_count + seen.rows;
      product_count := product_count + next_count;
      exit when row_count > 4000;
      -- Before the first SKU of the product that is next nothing can be missing.
      complete_ids := array(select m.id from unnest(matching_ids, matching_skus) m(id, sku)
        where hinted_skus[product_count + 1] is null or m.sku ~<~ hinted_skus[product_count + 1]
        order by m.sku using ~<~ limit row_limit);
      if cardinality(complete_ids) = row_limit or product_count >= cardinality(hinted_products) then
        return query select unnest(complete_ids);
        return;
      end if;
      -- A quarter more than it should take: each product too many costs its variants, a few too few cost another turn.
      next_count := case when cardinality(complete_ids) = 0 then 4 * product_count
        else product_count * row_limit * 5 / 4 / cardinality(complete_ids) - product_count end;
      if cardinality(hinted_products) > 120 and product_count + next_count > 120 then
        next_count := 0;
      end if;
    end loop;
  end if;

  if cardinality(found_ids) * 10 >= row_limit then
    -- Half as many again as it should take.
    row_count := least(3000, row_limit * 400 * 3 / 2 / cardinality(found_ids));
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
  end if;

  if query is null then
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
