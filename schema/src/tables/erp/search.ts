import { getTableName } from 'drizzle-orm';
import { erpProductSearch, erpProducts, erpProductVariants } from './catalog.js';

/**
 * Search for variants by words. Text operators are not leakproof, so under row-level security they reach no index: what
 * looks into the index runs past the policies, as a role that nobody can log in as, sees the columns named here and no
 * others, and takes the owner from the settings that the policies take it from. What it finds is read again by its
 * caller, under the policies.
 *
 * Each word in the index begins with its organization's mark, so that a look-up, also of a mere beginning, passes over
 * no word of anybody else: neither its cost nor its time depends on other tenants. Marks may coincide, which costs time
 * alone, since the owner is compared as well.
 */
const role = 'platen_search';
const variants = getTableName(erpProductVariants);
const products = getTableName(erpProducts);
const hints = getTableName(erpProductSearch);

/**
 * Rows looked at one by one, in the order of their SKUs, before any index of words is asked: what is common is found among
 * them at once.
 */
const firstRows = 400;
/**
 * What is common elsewhere, or less common, is found product by product: those that may have the words, by the first of
 * their SKUs, so that those behind them need not be looked at once a page is full. The first tell how many it should take.
 * Where that is more than these, as it is where the SKUs of products lie among each other, the variants are asked instead.
 */
const firstProducts = 8;
const mostProducts = 120;
const mostRowsOfProducts = 4000;
/** Where a tenth of the page was among the first rows, the rest of it is sooner found in a few more than in the index. */
const furtherRows = 3000;
/** As few products as these are asked for their variants, rather than all that has the words for its product. */
const fewProducts = 100;

const columns = 'v.tenant_id, v.organization_id, v.workspace_id, v.id, v.product_id, v.sku, v.status, v.search';
/** Of the parameters that are null here nothing is left in the plan, which is made for each search. */
const visible = (alias: string) =>
  `${alias}.tenant_id = tenant and ${alias}.organization_id = organization and ${ofWorkspace(alias)}`;
const ofWorkspace = (alias: string) =>
  `(workspace is null or ${alias}.workspace_id is null or ${alias}.workspace_id = workspace)`;
const inRange = (alias: string, first = 'first_sku') => `${alias}.sku ~>=~ ${first} and ${alias}.sku ~<~ beyond_sku`;
const ofFilter = `(product_status is null or p.status = product_status) and (category is null or p.category_id = category)`;
const ofStatus = (alias: string) => `(variant_status is null or ${alias}.status = variant_status)`;
/** Beside the owner and the range; cheapest first. */
const suits = (alias: string) =>
  `${ofWorkspace(alias)} and ${ofStatus(alias)} and (query is null or ${alias}.search @@ query)`;
const ofProduct = (alias: string) => `(product_status is null and category is null or exists (
        select from public.${products} p where ${visible('p')} and p.id = ${alias}.product_id and ${ofFilter}))`;
/** The range where no index serves it, in which the planner sees none either. Ends that a search does not have are not compared. */
const betweenEnds = `(first_sku = '' or (v.sku ~>=~ first_sku) is true)
        and (beyond_sku = chr(1114111) or (v.sku ~<~ beyond_sku) is true)`;
/** What suits beside the words, so compared: the index of words is to find the rows. */
const inReach = `${betweenEnds}
        and ${ofWorkspace('v')} and ${ofStatus('v')} and ${ofProduct('v')}`;

/** Of the rows that follow in the order of SKUs, those that suit. */
const walk = (from: string): string =>
  `select count(*) as rows, (array_agg(n.sku))[row_count] as last_sku, array_agg(n.id) filter (where ${suits('n')}
    and ${ofProduct('n')}) as ids
    into seen from (
      select ${columns} from public.${variants} v where v.tenant_id = tenant and v.organization_id = organization
        and ${inRange('v', from)} and (variant_status is distinct from 'archived' or v.status = 'archived')
      order by v.sku using ~<~ limit row_count) n;
  found_ids := found_ids || seen.ids;`;

/** As it is kept and as it is asked for: folded, cut at whatever is neither letter nor digit, marked. */
const searchWords = `create or replace function search_words(content text, organization uuid) returns text[]
language sql stable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select right(organization::text, 8) || left(word, 64)
    from unnest(string_to_array(regexp_replace(lower(normalize(content, NFKC)), '[^[:alnum:]]+', ' ', 'g'), ' ')) word
    where word <> '')
$$`;

/**
 * A new variant holds its product until it is committed, so that a change of the product's name waits for it and finds
 * it. One that is changed needs no such lock: the change of a name waits for it, and then comes here again.
 *
 * It is run for each row of an import, where calls of functions and each query beyond the first would cost more than the
 * words themselves: what has no character beyond ASCII, nothing escaped and no word to cut is taken apart by an
 * expression alone, to the same effect. Options stand there as an array in JSON, whose marks are neither letters nor
 * digits.
 */
const keepWords = `create or replace function keep_variant_words() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  about_product text;
  content text;
  mark text := right(new.organization_id::text, 8);
begin
  if tg_op = 'INSERT' then
    select concat_ws(' ', p.code, p.name, p.brand) into about_product from public.${products} p
      where p.tenant_id = new.tenant_id and p.organization_id = new.organization_id and p.id = new.product_id
      for share;
  else
    select concat_ws(' ', p.code, p.name, p.brand) into about_product from public.${products} p
      where p.tenant_id = new.tenant_id and p.organization_id = new.organization_id and p.id = new.product_id;
  end if;
  content := concat_ws(' ', about_product, new.sku, new.gtin, jsonb_path_query_array(new.option_values, '$.*')::text);
  if octet_length(content) = length(content) and content !~ '\\\\|[[:alnum:]]{65}' then
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
$$`;

const renewWords = `create function renew_words_of_variants() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update public.${variants} v set search = null
    where v.tenant_id = new.tenant_id and v.organization_id = new.organization_id and v.product_id = new.id;
  return null;
end
$$`;

/**
 * What a product's row of hints says is widened to hold these. Whoever finds nothing to add takes no lock; whoever does
 * holds the row until the end of its transaction, as others may count on it only then.
 */
const widen = `create function widen_product_search(tenant uuid, organization uuid, product uuid, lowest text, highest text,
  words tsvector) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select from public.${hints} h
      where h.tenant_id = tenant and h.organization_id = organization and h.product_id = product
        and h.least_sku ~<=~ lowest and h.greatest_sku ~>=~ highest
        and length(h.search || words) = length(h.search)) then
    return;
  end if;
  insert into public.${hints} as h (tenant_id, organization_id, product_id, least_sku, greatest_sku, search)
    values (tenant, organization, product, lowest, highest, words)
    on conflict (tenant_id, organization_id, product_id) do update
    set least_sku = least(h.least_sku collate "C", excluded.least_sku),
      greatest_sku = greatest(h.greatest_sku collate "C", excluded.greatest_sku),
      search = h.search || excluded.search;
end
$$`;

const allWords = 'create aggregate all_words(tsvector) (sfunc = tsvector_concat, stype = tsvector)';

/** Each GTIN is one variant's: the index of variants has it, and a search leaves out numbers where it asks for products. */
const hintedWords = (alias: string) =>
  `case when ${alias}.gtin ~ '^[0-9]{8,}$'
      then ts_delete(${alias}.search, right(${alias}.organization_id::text, 8) || ${alias}.gtin) else ${alias}.search end`;

/** Once for all rows of a statement, in the order of the products: two imports that meet wait for each other. */
const hintOfNew = `create function hint_at_new_variants() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform public.widen_product_search(n.tenant_id, n.organization_id, n.product_id, n.lowest, n.highest, n.words)
    from (select a.tenant_id, a.organization_id, a.product_id, min(a.sku collate "C") as lowest,
        max(a.sku collate "C") as highest, public.all_words(${hintedWords('a')}) as words
      from added a group by a.tenant_id, a.organization_id, a.product_id
      order by a.tenant_id, a.organization_id, a.product_id) n;
  return null;
end
$$`;

const hintOfChanged = `create function hint_at_changed_variant() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform public.widen_product_search(new.tenant_id, new.organization_id, new.product_id, new.sku, new.sku,
    ${hintedWords('new')});
  return null;
end
$$`;

const triggers = [
  `create trigger hint_at_new after insert on ${variants} referencing new table as added
  for each statement execute function hint_at_new_variants()`,
  `create trigger hint_at_changed after update on ${variants} for each row
  when ((old.search, old.sku, old.product_id) is distinct from (new.search, new.sku, new.product_id))
  execute function hint_at_changed_variant()`,
  `create trigger keep_words before insert on ${variants} for each row execute function keep_variant_words()`,
  `create trigger renew_words before update on ${variants} for each row
  when (new.search is null or (old.sku, old.gtin, old.option_values, old.product_id)
    is distinct from (new.sku, new.gtin, new.option_values, new.product_id))
  execute function keep_variant_words()`,
  `create trigger renew_words after update on ${products} for each row
  when ((old.code, old.name, old.brand) is distinct from (new.code, new.name, new.brand))
  execute function renew_words_of_variants()`,
];

/**
 * Ids in the order of their SKUs. Every word has to occur, of the last one the beginning; null: any variant. From
 * `from_sku`, after `after_sku`, before `beyond_sku`.
 */
const searchVariants = `create or replace function search_variants(wanted text, after_sku text, from_sku text, beyond_sku text,
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
  row_count integer := ${firstRows};
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
  next_count integer := greatest(${firstProducts}, row_limit / ${firstProducts});
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

  ${walk('first_sku')}
  next_sku := seen.last_sku || chr(1);
  if seen.rows < row_count or cardinality(found_ids) >= row_limit then
    return query select unnest(found_ids[:row_limit]);
    return;
  end if;

  if category is not null or product_status is not null then
    chosen_products := array(select p.id from public.${products} p
      where ${visible('p')} and ${ofFilter} limit ${fewProducts + 1});
  end if;
  if cardinality(chosen_products) <= ${fewProducts} then
    return query select v.id from unnest(chosen_products) chosen,
      lateral (select ${columns} from public.${variants} v
        where v.tenant_id = tenant and v.organization_id = organization and v.product_id = chosen offset 0) v
      where ${suits('v')} and ${inRange('v')}
      order by v.sku using ~<~ limit row_limit;
    return;
  end if;

  if product_query is not null then
    select coalesce(array_agg(c.product_id), '{}'), array_agg(c.least_sku) into hinted_products, hinted_skus from (
      select h.product_id, h.least_sku from public.${hints} h
      where h.search @@ product_query
        and h.tenant_id is not distinct from tenant and h.organization_id is not distinct from organization
        and (h.greatest_sku ~>=~ first_sku) is true and (h.least_sku ~<~ beyond_sku) is true
      order by h.least_sku using ~<~ limit ${mostProducts + 1}) c;
    if hinted_products = '{}' then
      return;
    end if;
    row_count := 0;
    while next_count > 0 loop
      select count(*) as rows, array_agg(n.id) filter (where n.fits) as ids, array_agg(n.sku) filter (where n.fits) as skus
        into seen from (
          select v.id, v.sku, ${suits('v')} as fits
          from unnest(hinted_products[product_count + 1:product_count + next_count]) hinted(product_id), lateral (
            select v.id, v.workspace_id, v.sku, v.status, v.search from public.${variants} v
            where v.tenant_id = tenant and v.organization_id = organization
              and v.product_id = hinted.product_id offset 0) v
          where ${betweenEnds} and ${ofProduct('hinted')}
          limit ${mostRowsOfProducts + 1} - row_count) n;
      matching_ids := matching_ids || seen.ids;
      matching_skus := matching_skus || seen.skus;
      row_count := row_count + seen.rows;
      product_count := product_count + next_count;
      exit when row_count > ${mostRowsOfProducts};
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
      if cardinality(hinted_products) > ${mostProducts} and product_count + next_count > ${mostProducts} then
        next_count := 0;
      end if;
    end loop;
  end if;

  if cardinality(found_ids) * 10 >= row_limit then
    -- Half as many again as it should take.
    row_count := least(${furtherRows}, row_limit * ${firstRows} * 3 / 2 / cardinality(found_ids));
    ${walk('next_sku')}
    if seen.rows < row_count or cardinality(found_ids) >= row_limit then
      return query select unnest(found_ids[:row_limit]);
      return;
    end if;
  end if;

  if query is null then
    return query select v.id from public.${variants} v
      where v.tenant_id = tenant and v.organization_id = organization and ${inRange('v')}
        and ${suits('v')} and ${ofProduct('v')}
      order by v.sku using ~<~ limit row_limit;
  else
    -- Thousands may have a word alone: of each no more is read and sorted than its SKU. Whose they are is seen by those
    -- that are found, which are looked up by these SKUs.
    if cardinality(words) = 1 then
      found_skus := array(select v.sku from public.${variants} v
        where v.search @@ query and ${inReach}
        order by v.sku using ~<~ limit row_limit);
      found_ids := array(select v.id from unnest(found_skus) found(sku), lateral (
          select ${columns} from public.${variants} v
          where v.tenant_id = tenant and v.organization_id = organization and v.sku = found.sku offset 0) v
        where ${suits('v')} and ${ofProduct('v')}
        order by v.sku using ~<~);
      if cardinality(found_ids) = cardinality(found_skus) then
        return query select unnest(found_ids);
        return;
      end if;
    end if;
    -- Or somebody else has the same mark, and the same word. The owner is compared in a way that no index serves, or all
    -- rows of the organization would be looked up beside those that have the words.
    return query select v.id from public.${variants} v
      where v.search @@ query
        and v.tenant_id is not distinct from tenant and v.organization_id is not distinct from organization
        and ${inReach}
      order by v.sku using ~<~ limit row_limit;
  end if;
end
$$`;

const signature = 'search_variants(text, text, text, text, text, text, uuid, integer)';
const access = [
  // To own the function for the moment; membership of the role is the migrating role's (migrate.ts).
  `grant usage, create on schema public to ${role}`,
  `grant select (tenant_id, organization_id, workspace_id, id, product_id, sku, status, search) on ${variants} to ${role}`,
  `grant select (tenant_id, organization_id, workspace_id, id, status, category_id) on ${products} to ${role}`,
  `grant select on ${hints} to ${role}`,
  `create policy "${role}_select" on ${variants} for select to ${role} using (true)`,
  `create policy "${role}_select" on ${products} for select to ${role} using (true)`,
  `create policy "${role}_select" on ${hints} for select to ${role} using (true)`,
  `alter function ${signature} owner to ${role}`,
  `revoke create on schema public from ${role}`,
  `revoke execute on function ${signature} from public`,
  `grant execute on function ${signature} to platen_app`,
];

/**
 * New rows wait beside the index until there are 128 kB of them: every search reads those one by one. Of the default's
 * 4 MB that cost some 4 ms; without any waiting each new row cost 30 µs more.
 */
const fewWaiting = ['erp_product_variants_search_idx', 'erp_product_search_search_idx'].map(
  (index) => `alter index ${index} set (gin_pending_list_limit = 128)`,
);

/** Past row-level security by declaration: what the migrations create, and what the drift check compares with. */
export const searchSql: readonly string[] = [
  searchWords,
  keepWords,
  renewWords,
  allWords,
  widen,
  hintOfNew,
  hintOfChanged,
  ...triggers,
  searchVariants,
  ...fewWaiting,
  ...access,
];
