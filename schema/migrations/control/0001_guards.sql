-- What the table declarations cannot say, beside the row-level security of 0000.

-- A service compares the migrations applied here with those it was built with.
grant usage on schema migrations to control_tenant, control_platform;
grant select on migrations.applied to control_tenant, control_platform;
grant usage on schema public to control_tenant, control_platform;

-- PUBLIC may create temporary tables by default: a way to DDL that the application has no use for.
do $$
begin
  execute format('revoke temporary on database %I from public', current_database());
end
$$;

-- The feed's log. A sequence alone gives numbers in the order of asking; readers by cursor need the order of commit.
-- The lock is held until the commit is visible, so the next number is taken only then. Take it last in a transaction:
-- everything that happens under it makes all other writers of the log wait.
create sequence control_changes_seq as bigint;
grant usage on sequence control_changes_seq to control_tenant, control_platform;

create function number_control_change() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('control_changes', 0));
  new.seq := nextval('public.control_changes_seq');
  perform pg_notify('control_changes', new.seq::text);
  return new;
end
$$;
create trigger number_in_commit_order before insert on control_changes
  for each row execute function number_control_change();

-- `payload` is the feed entity; answers its seq. Row-level security applies to the caller.
create function append_control_change(kind text, tenant_id uuid, payload jsonb) returns bigint
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into public.control_changes (kind, tenant_id, payload) values ($1, $2, $3) returning seq;
$$;

-- Entries are facts: retention deletes them, nothing changes them.
create function refuse_change() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;
create trigger append_only before update on control_changes
  for each row execute function refuse_change();

-- A role of a tenant serves that tenant alone; a system role serves all. Foreign keys can't say so (they bypass
-- row-level security and the system role has no tenant), so this does. It reads as the caller: another tenant's role
-- is then not there at all.
create function role_belongs() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from public.res_roles r
    where r.id = new.role_id and (r.tenant_id is null or r.tenant_id = new.tenant_id)
  ) then
    raise exception 'role % is not one of this tenant', new.role_id using errcode = 'foreign_key_violation';
  end if;
  return new;
end
$$;
create trigger role_belongs before insert or update of tenant_id, role_id on res_user_roles
  for each row execute function role_belongs();

create function role_permission_belongs() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from public.res_roles r
    where r.id = new.role_id and r.tenant_id is not distinct from new.tenant_id
  ) then
    raise exception 'tenant_id is not that of role %', new.role_id using errcode = 'foreign_key_violation';
  end if;
  return new;
end
$$;
create trigger role_permission_belongs before insert or update of tenant_id, role_id on res_role_permissions
  for each row execute function role_permission_belongs();

-- Moving a role would take it past the two triggers above.
create function refuse_change_of_tenant() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'a role stays with its tenant' using errcode = 'restrict_violation';
end
$$;
create trigger stays_with_tenant before update of tenant_id on res_roles
  for each row when (old.tenant_id is distinct from new.tenant_id)
  execute function refuse_change_of_tenant();
