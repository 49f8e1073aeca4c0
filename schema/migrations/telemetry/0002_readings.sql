-- How readings are stored, and who gets at them: schema/src/tables/telemetry/storage.ts.
-- A database that is to have TimescaleDB has the extension before this.
grant usage, create on schema public to platen_readings;
--> statement-breakpoint
create schema readings;
--> statement-breakpoint
alter schema readings owner to platen_readings;
--> statement-breakpoint
do $$
declare
  timescale text := (select e.extnamespace::regnamespace::text from pg_catalog.pg_extension e where e.extname = 'timescaledb');
begin
  if timescale is not null then
    execute format('select %s.create_hypertable(%L, %L, chunk_time_interval => interval %L, create_default_indexes => false)',
      timescale, 'public.tel_readings', 'ts', '1 days');
  else
    alter table tel_readings rename to tel_readings_declared;
    create table tel_readings (like tel_readings_declared including defaults) partition by range (ts);
    drop table tel_readings_declared;
    alter table tel_readings add constraint tel_readings_pkey primary key (tenant_id, device_no, metric_no, ts);
  end if;
end
$$;
--> statement-breakpoint
do $$
declare
  timescale text := (select e.extnamespace::regnamespace::text from pg_catalog.pg_extension e where e.extname = 'timescaledb');
begin
  if timescale is not null then
    execute format('select %s.create_hypertable(%L, %L, chunk_time_interval => interval %L, create_default_indexes => false)',
      timescale, 'public.tel_readings_1m', 'bucket', '14 days');
  else
    alter table tel_readings_1m rename to tel_readings_1m_declared;
    create table tel_readings_1m (like tel_readings_1m_declared including defaults) partition by range (bucket);
    drop table tel_readings_1m_declared;
    alter table tel_readings_1m add constraint tel_readings_1m_pkey primary key (tenant_id, device_no, metric_no, bucket);
  end if;
end
$$;
--> statement-breakpoint
do $$
declare
  timescale text := (select e.extnamespace::regnamespace::text from pg_catalog.pg_extension e where e.extname = 'timescaledb');
begin
  if timescale is not null then
    execute format('select %s.create_hypertable(%L, %L, chunk_time_interval => interval %L, create_default_indexes => false)',
      timescale, 'public.tel_readings_1h', 'bucket', '182 days');
  else
    alter table tel_readings_1h rename to tel_readings_1h_declared;
    create table tel_readings_1h (like tel_readings_1h_declared including defaults) partition by range (bucket);
    drop table tel_readings_1h_declared;
    alter table tel_readings_1h add constraint tel_readings_1h_pkey primary key (tenant_id, device_no, metric_no, bucket);
  end if;
end
$$;
--> statement-breakpoint
do $$
declare
  timescale text := (select e.extnamespace::regnamespace::text from pg_catalog.pg_extension e where e.extname = 'timescaledb');
begin
  if timescale is not null then
    execute format('select %s.create_hypertable(%L, %L, chunk_time_interval => interval %L, create_default_indexes => false)',
      timescale, 'public.tel_readings_1d', 'bucket', '1092 days');
  else
    alter table tel_readings_1d rename to tel_readings_1d_declared;
    create table tel_readings_1d (like tel_readings_1d_declared including defaults) partition by range (bucket);
    drop table tel_readings_1d_declared;
    alter table tel_readings_1d add constraint tel_readings_1d_pkey primary key (tenant_id, device_no, metric_no, bucket);
  end if;
end
$$;
--> statement-breakpoint
alter table tel_readings owner to platen_readings;
--> statement-breakpoint
create view tel_own_readings with (security_barrier = true, check_option = cascaded) as
select "tenant_id", "device_no", "metric_no", "ts", "value" from tel_readings where tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid);
--> statement-breakpoint
alter view tel_own_readings owner to platen_readings;
--> statement-breakpoint
grant select, insert, delete on tel_own_readings to platen_app;
--> statement-breakpoint
grant delete on tel_own_readings to platen_system;
--> statement-breakpoint
alter table tel_latest owner to platen_readings;
--> statement-breakpoint
create view tel_own_latest with (security_barrier = true, check_option = cascaded) as
select "tenant_id", "device_no", "metric_no", "ts", "value", "arrived_at" from tel_latest where tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid);
--> statement-breakpoint
alter view tel_own_latest owner to platen_readings;
--> statement-breakpoint
grant select, insert, update, delete on tel_own_latest to platen_app;
--> statement-breakpoint
grant delete on tel_own_latest to platen_system;
--> statement-breakpoint
alter table tel_readings_1m owner to platen_readings;
--> statement-breakpoint
create view tel_own_readings_1m with (security_barrier = true, check_option = cascaded) as
select "tenant_id", "device_no", "metric_no", "bucket", "count", "sum", "min", "max", "first", "last", "first_ts", "last_ts", "increase", "arrived_at", "recomputes" from tel_readings_1m where tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid);
--> statement-breakpoint
alter view tel_own_readings_1m owner to platen_readings;
--> statement-breakpoint
grant select, insert, update, delete on tel_own_readings_1m to platen_app;
--> statement-breakpoint
grant delete on tel_own_readings_1m to platen_system;
--> statement-breakpoint
alter table tel_readings_1h owner to platen_readings;
--> statement-breakpoint
create view tel_own_readings_1h with (security_barrier = true, check_option = cascaded) as
select "tenant_id", "device_no", "metric_no", "bucket", "count", "sum", "min", "max", "first", "last", "first_ts", "last_ts", "increase", "arrived_at", "recomputes" from tel_readings_1h where tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid);
--> statement-breakpoint
alter view tel_own_readings_1h owner to platen_readings;
--> statement-breakpoint
grant select, insert, update, delete on tel_own_readings_1h to platen_app;
--> statement-breakpoint
grant delete on tel_own_readings_1h to platen_system;
--> statement-breakpoint
alter table tel_readings_1d owner to platen_readings;
--> statement-breakpoint
create view tel_own_readings_1d with (security_barrier = true, check_option = cascaded) as
select "tenant_id", "device_no", "metric_no", "bucket", "count", "sum", "min", "max", "first", "last", "first_ts", "last_ts", "increase", "arrived_at", "recomputes" from tel_readings_1d where tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid);
--> statement-breakpoint
alter view tel_own_readings_1d owner to platen_readings;
--> statement-breakpoint
grant select, insert, update, delete on tel_own_readings_1d to platen_app;
--> statement-breakpoint
grant delete on tel_own_readings_1d to platen_system;
--> statement-breakpoint
do $$
begin
  if (select e.extnamespace::regnamespace::text from pg_catalog.pg_extension e where e.extname = 'timescaledb') is not null and current_setting('timescaledb.license', true) = 'timescale' then
    alter table tel_readings set (timescaledb.compress, timescaledb.compress_segmentby = 'tenant_id, device_no, metric_no',
      timescaledb.compress_orderby = 'ts');
  end if;
end
$$;
--> statement-breakpoint
create function tel_ensure_partitions(wanted date[]) returns integer
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
  made integer := 0;
  missing record;
begin
  if exists (select from unnest(wanted) day where day is null
      or day not between current_date - 1100 and current_date + 2) then
    raise exception 'no partitions for days so far from today' using errcode = 'datetime_field_overflow';
  end if;
  for missing in
    select distinct part.name, part.days, first_day, format('%s_%s', part.name, to_char(first_day, 'YYYYMMDD')) as partition
    from (values ('tel_readings', 1, 'raw'), ('tel_readings_1m', 14, 'rollup'), ('tel_readings_1h', 182, 'rollup'), ('tel_readings_1d', 1092, 'rollup')) part(name, days, keep)
    join pg_class parent on parent.oid = to_regclass('public.' || part.name) and parent.relkind = 'p'
    cross join unnest(wanted) day
    cross join lateral (select day - (day - date '2000-01-01') % part.days as first_day) first
    where to_regclass(format('readings.%s_%s', part.name, to_char(first_day, 'YYYYMMDD'))) is null
  loop
    perform pg_advisory_xact_lock(hashtext('platen partitions of readings'));
    -- Asked of the catalogue itself: what a session remembers not to be there it does not look for again.
    if not exists (select from pg_class c where c.relnamespace = 'readings'::regnamespace and c.relname = missing.partition) then
      execute format('create table readings.%I (like public.%I including defaults)', missing.partition, missing.name);
      execute format('alter table public.%I attach partition readings.%I for values from (%L) to (%L)',
        missing.name, missing.partition, missing.first_day::timestamp at time zone 'UTC',
        (missing.first_day + missing.days)::timestamp at time zone 'UTC');
      made := made + 1;
    end if;
  end loop;
  return made;
end
$$;
--> statement-breakpoint
alter function tel_ensure_partitions(date[]) owner to platen_readings;
--> statement-breakpoint
revoke execute on function tel_ensure_partitions(date[]) from public;
--> statement-breakpoint
grant execute on function tel_ensure_partitions(date[]) to platen_app;
--> statement-breakpoint
grant execute on function tel_ensure_partitions(date[]) to platen_system;
--> statement-breakpoint
create function tel_maintain_storage() returns table (part text, dropped integer, compressed integer)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
  timescale text := (select e.extnamespace::regnamespace::text from pg_catalog.pg_extension e where e.extname = 'timescaledb');
  keeps record;
  old record;
  too_old timestamptz;
begin
  perform public.tel_ensure_partitions(array(select current_date + n from generate_series(0, 2) n));
  select greatest(max(p.raw_days), 90) as raw, greatest(max(p.rollup_days), 1100) as rollup
    into keeps from public.tel_retention_policies p;
  for part, too_old in
    select named.name, date_trunc('day', now(), 'UTC') - make_interval(days => case named.keep when 'raw' then keeps.raw else keeps.rollup end)
    from (select * from (values ('tel_readings', 1, 'raw'), ('tel_readings_1m', 14, 'rollup'), ('tel_readings_1h', 182, 'rollup'), ('tel_readings_1d', 1092, 'rollup')) part(name, days, keep)) named
  loop
    dropped := 0;
    compressed := 0;
    if timescale is not null then
      execute format('select count(*)::integer from %s.drop_chunks(%L::regclass, older_than => $1)', timescale, 'public.' || part)
        into dropped using too_old;
      if part = 'tel_readings' and current_setting('timescaledb.license', true) = 'timescale' then
        execute format('select count(%1$s.compress_chunk(format(''%%I.%%I'', chunk_schema, chunk_name)::regclass))::integer
          from timescaledb_information.chunks where hypertable_schema = ''public'' and hypertable_name = $1
            and not is_compressed and range_end < now() - interval ''36 hours''', timescale)
          into compressed using part;
      end if;
    else
      for old in
        select c.oid::regclass as partition from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = to_regclass('public.' || part)
          and substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \(''([^'']+)''\)')::timestamptz <= too_old
      loop
        execute format('drop table %s', old.partition);
        dropped := dropped + 1;
      end loop;
    end if;
    return next;
  end loop;
end
$$;
--> statement-breakpoint
alter function tel_maintain_storage() owner to platen_readings;
--> statement-breakpoint
revoke execute on function tel_maintain_storage() from public;
--> statement-breakpoint
grant execute on function tel_maintain_storage() to platen_system;
--> statement-breakpoint
grant select (raw_days, rollup_days) on tel_retention_policies to platen_readings;
--> statement-breakpoint
create policy "platen_readings_select" on tel_retention_policies for select to platen_readings using (true);
--> statement-breakpoint
revoke create on schema public from platen_readings;
