/** `waiting (tenant_id)`: whose rows wait, without reading them all: from one tenant to the next in the index. */
export const withWaiting = `with recursive found as (
     (select tenant_id from tel_dirty_buckets order by tenant_id limit 1)
     union all
     select (select d.tenant_id from tel_dirty_buckets d where d.tenant_id > f.tenant_id order by d.tenant_id limit 1)
     from found f where f.tenant_id is not null),
   waiting as (select tenant_id from found where tenant_id is not null)`;
