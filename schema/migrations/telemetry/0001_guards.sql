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
