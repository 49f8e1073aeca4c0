-- Search for variants by words: schema/src/tables/erp/search.ts says why it is as it is.
--> statement-breakpoint
create function search_words(content text, organization uuid) returns text[]
language sql stable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select right(organization::text, 8) || left(word, 64)
    from unnest(regexp_split_to_array(lower(normalize(content, NFKC)), '[^[:alnum:]]+')) word
    where word <> '')
$$;
--> statement-breakpoint
create function keep_variant_words() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  about_product text;
begin
  if tg_op = 'INSERT' then
    select concat_ws(' ', p.code, p.name, p.brand) into about_product from public.erp_products p
      where p.tenant_id = new.tenant_id and p.organization_id = new.organization_id and p.id = new.product_id
      for share;
  else
    select concat_ws(' ', p.code, p.name, p.brand) into about_product from public.erp_products p
      where p.tenant_id = new.tenant_id and p.organization_id = new.organization_id and p.id = new.product_id;
  end if;
  new.search := array_to_tsvector(public.search_words(
    concat_ws(' ', about_product, new.sku, new.gtin,
      (select string_agg(chosen.value, ' ') from jsonb_each_text(new.option_values) chosen)),
    new.organization_id));
  return new;
end
$$;
--> statement-breakpoint
create function renew_words_of_variants() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update public.erp_product_variants v set search = null
    where v.tenant_id = new.tenant_id and v.organization_id = new.organization_id and v.product_id = new.id;
  return null;
end
$$;
--> statement-breakpoint
create trigger keep_words before insert on erp_product_variants for each row execute function keep_variant_words();
--> statement-breakpoint
create trigger renew_words before update on erp_product_variants for each row
  when (new.search is null or (old.sku, old.gtin, old.option_values, old.product_id)
    is distinct from (new.sku, new.gtin, new.option_values, new.product_id))
  execute function keep_variant_words();
--> statement-breakpoint
create trigger renew_words after update on erp_products for each row
  when ((old.code, old.name, old.brand) is distinct from (new.code, new.name, new.brand))
  execute function renew_words_of_variants();
--> statement-breakpoint
create function search_variants(wanted text, after_sku text, from_sku text, beyond_sku text,
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
      where v.tenant_id = tenant and v.organization_id = organization and v.sku ~>~ after_sku and v.sku ~>=~ from_sku and v.sku ~<~ beyond_sku and variant_status is distinct from 'archived'
      order by v.sku using ~<~ limit 1000)
      union all
      (select v.tenant_id, v.organization_id, v.workspace_id, v.id, v.product_id, v.sku, v.status, v.search from public.erp_product_variants v
      where v.tenant_id = tenant and v.organization_id = organization and v.sku ~>~ after_sku and v.sku ~>=~ from_sku and v.sku ~<~ beyond_sku and variant_status = 'archived' and v.status = 'archived'
      order by v.sku using ~<~ limit 1000)) n
    where n.tenant_id = tenant and n.organization_id = organization
      and (workspace is null or n.workspace_id is null or n.workspace_id = workspace) and (query is null or n.search @@ query) and (variant_status is null or n.status = variant_status) and (product_status is null and category is null or exists (
      select from public.erp_products p where p.tenant_id = tenant and p.organization_id = organization
      and (workspace is null or p.workspace_id is null or p.workspace_id = workspace) and p.id = n.product_id
        and (product_status is null or p.status = product_status) and (category is null or p.category_id = category))) limit row_limit);
  if cardinality(found_ids) >= row_limit or (select count(*) from ((select v.tenant_id, v.organization_id, v.workspace_id, v.id, v.product_id, v.sku, v.status, v.search from public.erp_product_variants v
      where v.tenant_id = tenant and v.organization_id = organization and v.sku ~>~ after_sku and v.sku ~>=~ from_sku and v.sku ~<~ beyond_sku and variant_status is distinct from 'archived'
      order by v.sku using ~<~ limit 1000)
      union all
      (select v.tenant_id, v.organization_id, v.workspace_id, v.id, v.product_id, v.sku, v.status, v.search from public.erp_product_variants v
      where v.tenant_id = tenant and v.organization_id = organization and v.sku ~>~ after_sku and v.sku ~>=~ from_sku and v.sku ~<~ beyond_sku and variant_status = 'archived' and v.status = 'archived'
      order by v.sku using ~<~ limit 1000)) n) < 1000 then
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
      and (workspace is null or v.workspace_id is null or v.workspace_id = workspace) and v.sku ~>~ after_sku and v.sku ~>=~ from_sku and v.sku ~<~ beyond_sku and (query is null or v.search @@ query) and (variant_status is null or v.status = variant_status)
      order by v.sku using ~<~ limit row_limit;
  elsif query is null then
    return query select v.id from public.erp_product_variants v
      where v.tenant_id = tenant and v.organization_id = organization
      and (workspace is null or v.workspace_id is null or v.workspace_id = workspace) and v.sku ~>~ after_sku and v.sku ~>=~ from_sku and v.sku ~<~ beyond_sku and (variant_status is null or v.status = variant_status) and (product_status is null and category is null or exists (
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
        and (v.sku ~>~ after_sku) is true and (v.sku ~>=~ from_sku) is true and (v.sku ~<~ beyond_sku) is true
        and (variant_status is null or v.status = variant_status) and (product_status is null and category is null or exists (
      select from public.erp_products p where p.tenant_id = tenant and p.organization_id = organization
      and (workspace is null or p.workspace_id is null or p.workspace_id = workspace) and p.id = v.product_id
        and (product_status is null or p.status = product_status) and (category is null or p.category_id = category)))
      order by v.sku using ~<~ limit row_limit;
  end if;
end
$$;
--> statement-breakpoint
grant usage, create on schema public to platen_search;
--> statement-breakpoint
grant select (tenant_id, organization_id, workspace_id, id, product_id, sku, status, search) on erp_product_variants to platen_search;
--> statement-breakpoint
grant select (tenant_id, organization_id, workspace_id, id, status, category_id) on erp_products to platen_search;
--> statement-breakpoint
create policy "platen_search_select" on erp_product_variants for select to platen_search using (true);
--> statement-breakpoint
create policy "platen_search_select" on erp_products for select to platen_search using (true);
--> statement-breakpoint
alter function search_variants(text, text, text, text, text, text, uuid, integer) owner to platen_search;
--> statement-breakpoint
revoke create on schema public from platen_search;
--> statement-breakpoint
revoke execute on function search_variants(text, text, text, text, text, text, uuid, integer) from public;
--> statement-breakpoint
grant execute on function search_variants(text, text, text, text, text, text, uuid, integer) to platen_app;
--> statement-breakpoint
-- The owner is under the policies as everybody is: not for this one statement, which waits for nobody's writes to end.
alter table erp_product_variants no force row level security;
alter table erp_products no force row level security;
update erp_product_variants set search = null;
alter table erp_product_variants force row level security;
alter table erp_products force row level security;
