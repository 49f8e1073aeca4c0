import { getTableName } from 'drizzle-orm';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { tenant } from '../../access.js';
import { telemetryAccess } from './access.js';
import { telLatest, telReadings, telReadings1d, telReadings1h, telReadings1m } from './readings.js';
import { defaultRetention, telRetentionPolicies } from './retention.js';

/**
 * How readings are stored and who gets at them: a hypertable where the database has TimescaleDB, with a columnstore where
 * its edition has one, else partitions of Postgres. Neither inherits policies, so nobody but a role that cannot log in has
 * a right on them, and on the views and functions here the application has.
 */
const role = 'platen_readings';
/** Of partitions. TimescaleDB has one of its own for its chunks. */
const partitions = 'readings';
/** A chunk of raw readings is compressed when nothing but what is late is written to it. */
const compressAfter = '36 hours';
/** What was measured longer ago is refused, as are clocks that are ahead: no sender makes partitions at will. */
export const oldestReadingDays = 1100;
export const aheadDays = 2;

interface Partitioned {
  readonly table: PgTable;
  readonly column: 'ts' | 'bucket';
  /** Days of a partition. Of the coarser ones a partition has about as many rows. */
  readonly days: number;
  readonly keep: 'raw' | 'rollup';
}

/** What is partitioned by time. */
export const partitioned: readonly Partitioned[] = [
  { table: telReadings, column: 'ts', days: 1, keep: 'raw' },
  { table: telReadings1m, column: 'bucket', days: 14, keep: 'rollup' },
  { table: telReadings1h, column: 'bucket', days: 182, keep: 'rollup' },
  { table: telReadings1d, column: 'bucket', days: 1092, keep: 'rollup' },
];

const behindViews = [
  { table: telReadings, access: telemetryAccess.telReadings },
  { table: telLatest, access: telemetryAccess.telLatest },
  { table: telReadings1m, access: telemetryAccess.telReadings1m },
  { table: telReadings1h, access: telemetryAccess.telReadings1h },
  { table: telReadings1d, access: telemetryAccess.telReadings1d },
];

const timescale = `(select e.extnamespace::regnamespace::text from pg_catalog.pg_extension e where e.extname = 'timescaledb')`;
const primaryKeyOf = (table: PgTable) => {
  const [key] = getTableConfig(table).primaryKeys;
  if (!key) throw new Error(`${getTableName(table)} has no primary key`);
  return { name: key.getName(), columns: key.columns.map((column) => column.name).join(', ') };
};

/** Of an empty table, as it is declared, one that is divided by time. */
function divide({ table, column, days }: Partitioned): string {
  const name = getTableName(table);
  const key = primaryKeyOf(table);
  return `do $$
declare
  timescale text := ${timescale};
begin
  if timescale is not null then
    execute format('select %s.create_hypertable(%L, %L, chunk_time_interval => interval %L, create_default_indexes => false)',
      timescale, 'public.${name}', '${column}', '${days} days');
  else
    alter table ${name} rename to ${name}_declared;
    create table ${name} (like ${name}_declared including defaults) partition by range (${column});
    drop table ${name}_declared;
    alter table ${name} add constraint ${key.name} primary key (${key.columns});
  end if;
end
$$`;
}

/**
 * Where the edition has a columnstore: a series is a segment of it. Chunks go there by tel_maintain_storage. After the
 * table has its owner: with what it hides of its columnstore it could not be given to anybody.
 */
const columnstore = `do $$
begin
  if ${timescale} is not null and current_setting('timescaledb.license', true) = 'timescale' then
    alter table tel_readings set (timescaledb.compress, timescaledb.compress_segmentby = 'tenant_id, device_no, metric_no',
      timescaledb.compress_orderby = 'ts');
  end if;
end
$$`;

function viewOf(table: PgTable, { view, grants }: (typeof behindViews)[number]['access']): string[] {
  const columns = getTableConfig(table).columns.map((column) => `"${column.name}"`);
  return [
    `create view ${view} with (security_barrier = true, check_option = cascaded) as
select ${columns.join(', ')} from ${getTableName(table)} where ${tenant}`,
    `alter view ${view} owner to ${role}`,
    ...Object.entries(grants).map(([to, rights]) => `grant ${rights.join(', ')} on ${view} to ${to}`),
  ];
}

const parts = `(values ${partitioned
  .map(({ table, days, keep }) => `('${getTableName(table)}', ${days}, '${keep}')`)
  .join(', ')}) part(name, days, keep)`;

/**
 * Partitions for readings of these days, where there are none yet; TimescaleDB makes its own. Asked for in a transaction
 * of its own: whoever writes meanwhile does not wait, but a second one that makes them does.
 */
const ensurePartitions = `create function tel_ensure_partitions(wanted date[]) returns integer
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
  made integer := 0;
  missing record;
begin
  if exists (select from unnest(wanted) day where day is null
      or day not between current_date - ${oldestReadingDays} and current_date + ${aheadDays}) then
    raise exception 'no partitions for days so far from today' using errcode = 'datetime_field_overflow';
  end if;
  for missing in
    select distinct part.name, part.days, first_day, format('%s_%s', part.name, to_char(first_day, 'YYYYMMDD')) as partition
    from ${parts}
    join pg_class parent on parent.oid = to_regclass('public.' || part.name) and parent.relkind = 'p'
    cross join unnest(wanted) day
    cross join lateral (select day - (day - date '2000-01-01') % part.days as first_day) first
    where to_regclass(format('${partitions}.%s_%s', part.name, to_char(first_day, 'YYYYMMDD'))) is null
  loop
    perform pg_advisory_xact_lock(hashtext('platen partitions of readings'));
    -- Asked of the catalogue itself: what a session remembers not to be there it does not look for again.
    if not exists (select from pg_class c where c.relnamespace = '${partitions}'::regnamespace and c.relname = missing.partition) then
      execute format('create table ${partitions}.%I (like public.%I including defaults)', missing.partition, missing.name);
      execute format('alter table public.%I attach partition ${partitions}.%I for values from (%L) to (%L)',
        missing.name, missing.partition, missing.first_day::timestamp at time zone 'UTC',
        (missing.first_day + missing.days)::timestamp at time zone 'UTC');
      made := made + 1;
    end if;
  end loop;
  return made;
end
$$`;

/**
 * Of all tenants together: partitions ahead, gone what nobody's policy keeps, compressed what is no longer written.
 * What one tenant keeps for less long is deleted in its own scope.
 */
const maintainStorage = `create function tel_maintain_storage() returns table (part text, dropped integer, compressed integer)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
  timescale text := ${timescale};
  keeps record;
  old record;
  too_old timestamptz;
begin
  perform public.tel_ensure_partitions(array(select current_date + n from generate_series(0, ${aheadDays}) n));
  select greatest(max(p.raw_days), ${defaultRetention.rawDays}) as raw, greatest(max(p.rollup_days), ${defaultRetention.rollupDays}) as rollup
    into keeps from public.${getTableName(telRetentionPolicies)} p;
  for part, too_old in
    select named.name, date_trunc('day', now(), 'UTC') - make_interval(days => case named.keep when 'raw' then keeps.raw else keeps.rollup end)
    from (select * from ${parts}) named
  loop
    dropped := 0;
    compressed := 0;
    if timescale is not null then
      execute format('select count(*)::integer from %s.drop_chunks(%L::regclass, older_than => $1)', timescale, 'public.' || part)
        into dropped using too_old;
      if part = '${getTableName(telReadings)}' and current_setting('timescaledb.license', true) = 'timescale' then
        execute format('select count(%1$s.compress_chunk(format(''%%I.%%I'', chunk_schema, chunk_name)::regclass))::integer
          from timescaledb_information.chunks where hypertable_schema = ''public'' and hypertable_name = $1
            and not is_compressed and range_end < now() - interval ''${compressAfter}''', timescale)
          into compressed using part;
      end if;
    else
      for old in
        select c.oid::regclass as partition from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = to_regclass('public.' || part)
          and substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \\(''([^'']+)''\\)')::timestamptz <= too_old
      loop
        execute format('drop table %s', old.partition);
        dropped := dropped + 1;
      end loop;
    end if;
    return next;
  end loop;
end
$$`;

const functions = [
  { signature: 'tel_ensure_partitions(date[])', text: ensurePartitions, callers: ['platen_app', 'platen_system'] },
  { signature: 'tel_maintain_storage()', text: maintainStorage, callers: ['platen_system'] },
];

/** Past row-level security by declaration: what the migrations create, and what the drift check compares with. */
export const storageSql: readonly string[] = [
  // To own what is here for the moment; membership of the role is the migrating role's.
  `grant usage, create on schema public to ${role}`,
  `create schema ${partitions}`,
  `alter schema ${partitions} owner to ${role}`,
  ...partitioned.map(divide),
  ...behindViews.flatMap(({ table, access }) => [
    `alter table ${getTableName(table)} owner to ${role}`,
    ...viewOf(table, access),
  ]),
  columnstore,
  ...functions.flatMap(({ signature, text, callers }) => [
    text,
    `alter function ${signature} owner to ${role}`,
    `revoke execute on function ${signature} from public`,
    ...callers.map((caller) => `grant execute on function ${signature} to ${caller}`),
  ]),
  `grant select (raw_days, rollup_days) on ${getTableName(telRetentionPolicies)} to ${role}`,
  `create policy "${role}_select" on ${getTableName(telRetentionPolicies)} for select to ${role} using (true)`,
  `revoke create on schema public from ${role}`,
];
