#!/bin/sh
# Run once, by the image of the server, when its folder is empty: the owner, the logins of the services, the databases. What each
# login may do is said by the migrations.
set -eu
export PSQLRC=/dev/null
as_superuser() { psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "${POSTGRES_USER:-postgres}" --dbname "$1"; }

as_superuser postgres <<'SQL'
\getenv owner PLATEN_OWNER_PASSWORD
\getenv tenant CONTROL_TENANT_PASSWORD
\getenv platform CONTROL_PLATFORM_PASSWORD
\getenv app PLATEN_APP_PASSWORD
\getenv system PLATEN_SYSTEM_PASSWORD
create role platen_owner login createrole password :'owner';
create role control_tenant login password :'tenant';
create role control_platform login password :'platform';
create role platen_app login password :'app';
create role platen_system login password :'system';
SQL

for name in $PLATEN_DATABASES; do
  echo "create database $name owner platen_owner template template0;" | as_superuser postgres
  if [ -n "${PLATEN_EXTENSION:-}" ]; then echo "create extension if not exists $PLATEN_EXTENSION;" | as_superuser "$name"; fi
done

# The health check looks for this: until now the server is one for its own start only.
if [ -n "${PGDATA:-}" ]; then touch "$PGDATA/platen-ready"; fi
