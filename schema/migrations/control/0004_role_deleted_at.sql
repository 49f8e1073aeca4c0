ALTER TABLE "res_roles" ADD COLUMN "deleted_at" timestamp (3) with time zone;
--> statement-breakpoint
-- What was deleted is given to nobody any more.
create or replace function role_belongs() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from public.res_roles r
    where r.id = new.role_id and (r.tenant_id is null or r.tenant_id = new.tenant_id) and r.deleted_at is null
  ) then
    raise exception 'role % is not one of this tenant', new.role_id using errcode = 'foreign_key_violation';
  end if;
  return new;
end
$$;
