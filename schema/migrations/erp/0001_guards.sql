-- What the table declarations cannot say, beside the row-level security of 0000.

-- A service compares the migrations applied here with those it was built with.
grant usage on schema migrations to platen_app, platen_system;
grant select on migrations.applied to platen_app, platen_system;
grant usage on schema public to platen_app, platen_system;

-- PUBLIC may create temporary tables by default: a way to DDL that the application has no use for.
do $$
begin
  execute format('revoke temporary on database %I from public', current_database());
end
$$;

-- A published rule set is what receipts are verified against: its end may be set, nothing else, by anyone.
create function refuse_change_of_published_version() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if (new.tenant_id, new.organization_id, new.workspace_id, new.id, new.rule_set_id, new.version, new.content, new.hash, new.valid_from)
    is distinct from
    (old.tenant_id, old.organization_id, old.workspace_id, old.id, old.rule_set_id, old.version, old.content, old.hash, old.valid_from)
  then
    raise exception 'a published rule-set version is immutable' using errcode = 'restrict_violation';
  end if;
  return new;
end
$$;
create trigger immutable before update on erp_pricing_rule_set_versions
  for each row execute function refuse_change_of_published_version();
