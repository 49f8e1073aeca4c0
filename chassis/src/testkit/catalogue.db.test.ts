import { appRoles, type DatabaseKind, definerRoles, ownersOf } from '@platen/schema/access';
import { databases, listTables } from '@platen/schema/databases';
import { getTableName } from 'drizzle-orm';
import postgres, { type Sql } from 'postgres';
import t, { type Test } from 'tap';
import { migrateDatabase } from '../db/migrate.js';
import { type Engine, telemetryEngines, testDatabase } from './database.js';
import { createTimescaledb } from './database-templates.js';

/**
 * What isolation rests on, asked of a live database that its owner migrated. That policies and grants are those
 * declared, to the letter, is the drift test's part; here are the rules that any declaration has to keep.
 */
const cases: readonly { readonly kind: DatabaseKind; readonly engine: Engine; readonly skip: string | false }[] = [
  { kind: 'control', engine: 'postgres', skip: false },
  { kind: 'erp', engine: 'postgres', skip: false },
  ...telemetryEngines.map((engine) => ({ kind: 'telemetry' as const, ...engine })),
];

for (const { kind, engine, skip } of cases) {
  t.test(`${kind}: the catalogue of a migrated database, on ${engine}`, { skip }, async (t) => {
    const sql = await migrated(t, kind, engine);
    const behindViews = behindViewsOf(kind);
    const roles = [...appRoles[kind]];

    t.same(
      await names(
        sql`select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
            and not (relrowsecurity and relforcerowsecurity) and not (relname = any(${behindViews.map(({ table }) => table)}))`,
      ),
      [],
      'row-level security is forced on every table but those of readings',
    );
    t.same(
      await names(
        sql`select relname as name from pg_class where relnamespace = 'public'::regnamespace and (
              relkind in ('m', 'f')
              or relkind = 'v' and not coalesce('security_invoker=true' = any(reloptions), false)
                and not (relname = any(${behindViews.map(({ view }) => view)})))`,
      ),
      [],
      'views ask as their caller; nothing else shows rows past the policies',
    );
    t.same(
      await names(
        sql`select rolname as name from pg_roles where rolname in ${sql(roles)}
            and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)`,
      ),
      [],
      'the roles of the application have no attribute of power',
    );
    t.same(
      await names(
        sql`select r.rolname || ' in ' || m.roleid::regrole as name from pg_auth_members m join pg_roles r on r.oid = m.member
            where r.rolname in ${sql(roles)}`,
      ),
      [],
      'and are members of nothing',
    );
    t.same(
      await names(
        sql`select format('%s owns %s', relowner::regrole, relname) as name from pg_class where relowner::regrole::text in ${sql(roles)}
            union all select format('%s owns %s', proowner::regrole, proname) from pg_proc where proowner::regrole::text in ${sql(roles)}
            union all select format('%s owns %s', nspowner::regrole, nspname) from pg_namespace where nspowner::regrole::text in ${sql(roles)}`,
      ),
      [],
      'they own nothing',
    );
    t.same(
      await names(
        sql`select format('%s: %s on %s', r.rolname, p.privilege, c.relname) as name
            from pg_class c, pg_roles r, unnest(array['truncate', 'references', 'trigger']) p(privilege)
            where c.relnamespace in ('public'::regnamespace, 'migrations'::regnamespace) and c.relkind in ('r', 'p', 'v')
              and r.rolname in ${sql(roles)} and has_table_privilege(r.oid, c.oid, p.privilege)`,
      ),
      [],
      'they can neither truncate nor hang anything on a table',
    );
    t.same(
      await names(
        sql`select format('%s: create in %s', r.rolname, n.nspname) as name from pg_namespace n, pg_roles r
            where r.rolname in ${sql(roles)} and has_schema_privilege(r.oid, n.oid, 'create')
            union all select format('%s: %s in the database', r.rolname, p.privilege) from pg_roles r, unnest(array['create', 'temporary']) p(privilege)
            where r.rolname in ${sql(roles)} and has_database_privilege(r.oid, current_database(), p.privilege)`,
      ),
      [],
      'no DDL, not even temporary tables',
    );
    // An aggregate can have none: it is as safe as the functions it is made of, which are named by their ids.
    t.same(
      await names(
        sql`select proname as name from pg_proc where pronamespace = 'public'::regnamespace and prokind <> 'a'
            and not coalesce(proconfig @> array['search_path=pg_catalog, pg_temp'], false) and ${ours(sql)}`,
      ),
      [],
      'functions have a search path of their own',
    );
    await assertDefiners(t, sql, definerRoles[kind], behindViews);
    await assertReadings(t, sql, roles, behindViews);
    t.same(await keysWithoutOwner(sql, kind), [], 'keys and references begin with the owner of the row');
  });
}

/** What looks past row-level security: which functions there are is the drift test's part. */
async function assertDefiners(
  t: Test,
  sql: Sql,
  roles: readonly string[],
  behindViews: readonly BehindView[],
): Promise<void> {
  const own = behindViews.flatMap(({ table, view }) => [table, view]);
  t.same(
    await names(
      sql`select proname as name from pg_proc where pronamespace = 'public'::regnamespace and prosecdef
          and not (proowner::regrole::text = any(${[...roles]})) and ${ours(sql)}`,
    ),
    [],
    'functions run as their caller, or as a role made for that',
  );
  t.same(
    await names(
      sql`select rolname as name from pg_roles where rolname = any(${[...roles]})
          and (rolcanlogin or rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)`,
    ),
    [],
    'nobody logs in as such a role, and it has no attribute of power',
  );
  t.same(
    await names(
      sql`select r.rolname || ' in ' || m.roleid::regrole as name from pg_auth_members m join pg_roles r on r.oid = m.member
          where r.rolname = any(${[...roles]})
          union all
          select format('%s may %s in %s', r.rolname, p.privilege, n.nspname) from pg_namespace n, pg_roles r,
            unnest(array['create']) p(privilege)
          where r.rolname = any(${[...roles]}) and n.nspname <> 'readings' and has_schema_privilege(r.oid, n.oid, p.privilege)
          union all
          select format('%s may %s %s', r.rolname, p.privilege, c.oid::regclass) from pg_class c, pg_roles r,
            unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger']) p(privilege)
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and r.rolname = any(${[...roles]})
            and has_table_privilege(r.oid, c.oid, p.privilege) and not (c.relname = any(${own}))`,
    ),
    [],
    'is a member of nothing, and only reads what is not its own',
  );
  t.same(
    await names(
      sql`select format('%s: %s', p.oid::regprocedure, coalesce(r.rolname, 'public')) as name
          from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g left join pg_roles r on r.oid = g.grantee
          where p.pronamespace = 'public'::regnamespace and p.prosecdef and g.grantee <> p.proowner
            and coalesce(r.rolname, 'public') not in ('platen_app', 'platen_system') and ${ours(sql, 'p')}`,
    ),
    [],
    'the roles of the application alone may call them',
  );
}

interface BehindView {
  readonly table: string;
  readonly view: string;
}

const behindViewsOf = (kind: DatabaseKind): BehindView[] =>
  listTables(databases[kind]).flatMap(({ table, access }) =>
    access.view === undefined ? [] : [{ table: getTableName(table), view: access.view }],
  );

/** Not an extension's. */
const ours = (sql: Sql, name = 'pg_proc') =>
  sql`not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = ${sql(name)}.oid and d.deptype = 'e')`;

/**
 * Tables without policies, each with partitions or chunks by now: no role of the application has a right on one of them,
 * nor on what is kept beside them. That their views let nothing through but the tenant's is tested with rows of two.
 */
async function assertReadings(
  t: Test,
  sql: Sql,
  roles: readonly string[],
  behindViews: readonly BehindView[],
): Promise<void> {
  if (behindViews.length === 0) return;
  const tables = behindViews.map(({ table }) => table);
  // In one transaction, whose today stays the same.
  await sql.begin(async (tx) => {
    await tx`select tel_ensure_partitions(array[current_date, current_date - 1099])`;
    for (const { table, columns } of [
      { table: 'tel_readings', columns: tx`` },
      ...['1m', '1h', '1d'].map((width) => ({
        table: `tel_readings_${width}`,
        columns: tx`, 1, 1, 1, 1, 1, now(), now(), 0, now(), 0`,
      })),
    ]) {
      await tx`insert into ${tx(table)} select gen_random_uuid(), 1, 1, day, 1 ${columns}
        from unnest(array[now(), now() - interval '1099 days']) day`;
    }
  });
  const parts = sql`with recursive parts as (
      select oid from pg_class where relnamespace = 'public'::regnamespace and relname = any(${tables})
      union select i.inhrelid from pg_inherits i join parts on i.inhparent = parts.oid)`;
  const [found] = await sql<{ count: number }[]>`${parts} select count(*)::int as count from parts`;
  t.equal(found?.count, tables.length + 8, 'each of the four has the two parts that were written to');
  t.same(
    await names(
      sql`${parts} select format('%s: %s on %s', r.rolname, p.privilege, c.oid::regclass) as name
          from pg_class c, pg_roles r, unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) p(privilege)
          where r.rolname in ${sql(roles)} and has_table_privilege(r.oid, c.oid, p.privilege) and (
            c.oid in (select oid from parts)
            or c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relnamespace::regnamespace::text in ('readings', '_timescaledb_internal')
              and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'))`,
    ),
    [],
    'the application has no right on them, their partitions or chunks',
  );
  t.same(
    await names(
      sql`${parts} select format('%s: column %s', r.rolname, c.oid::regclass) as name from pg_class c, pg_roles r
          where r.rolname in ${sql(roles)} and c.oid in (select oid from parts)
            and has_any_column_privilege(r.oid, c.oid, 'select, insert, update, references')`,
    ),
    [],
    'nor on a column of theirs',
  );
  t.same(
    await names(
      sql`${parts} select c.oid::regclass::text as name from pg_class c
          where c.oid in (select oid from parts) and c.relowner::regrole::text <> 'platen_readings'`,
    ),
    [],
    'they belong to the role that nobody logs in as',
  );
  t.same(
    await names(
      sql`select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'
          and relname = any(${behindViews.map(({ view }) => view)})
          and not coalesce(reloptions @> array['security_barrier=true', 'check_option=cascaded'], false)`,
    ),
    [],
    'their views are barriers, and check what is written',
  );
}

async function migrated(t: Test, kind: DatabaseKind, engine: Engine): Promise<Sql> {
  const database = await testDatabase(t, 'empty', engine);
  if (engine === 'timescaledb') await createTimescaledb(database.superuserUrl);
  await migrateDatabase({ url: database.ownerUrl, kind });
  const sql = postgres(database.superuserUrl, { max: 1, onnotice: () => {} });
  t.teardown(() => sql.end());
  return sql;
}

async function names(query: postgres.PendingQuery<postgres.Row[]>): Promise<string[]> {
  return (await query).map((row) => String(row['name']));
}

interface Key {
  readonly table: string;
  readonly name: string;
  readonly columns: string[];
}

/**
 * Primary keys, unique constraints and indexes, and foreign keys, which Postgres checks past row-level security.
 * A reference out of a row with an owner to a table without (a plan, a permission) tells nothing of anybody.
 */
async function keysWithoutOwner(sql: Sql, kind: DatabaseKind): Promise<string[]> {
  const keys = await sql<Key[]>`
    select c.relname as table, i.indexrelid::regclass::text as name,
      array(select a.attname::text from unnest(i.indkey::int[]) with ordinality k(num, place)
            join pg_attribute a on a.attrelid = c.oid and a.attnum = k.num order by k.place) as columns
    from pg_index i join pg_class c on c.oid = i.indrelid
    where c.relnamespace = 'public'::regnamespace and i.indisunique
    union all
    select conrelid::regclass::text, conname,
      array(select a.attname::text from unnest(conkey) with ordinality k(num, place)
            join pg_attribute a on a.attrelid = conrelid and a.attnum = k.num order by k.place)
    from pg_constraint
    where connamespace = 'public'::regnamespace and contype = 'f'
      and confrelid::regclass::text not in ${sql(tablesWithoutOwner(kind))}`;
  const accessOf = new Map(listTables(databases[kind]).map(({ table, access }) => [getTableName(table), access]));
  return keys
    .filter(({ table, name, columns }) => {
      const access = accessOf.get(table);
      if (!access) return true;
      const owners = ownersOf[access.class];
      return !(name in (access.globalKeys ?? {})) && owners.some((owner, place) => columns[place] !== owner);
    })
    .map(({ table, name, columns }) => `${table}: ${name} (${columns.join(', ')})`);
}

const tablesWithoutOwner = (kind: DatabaseKind): string[] => [
  '',
  ...listTables(databases[kind])
    .filter(({ access }) => ownersOf[access.class].length === 0)
    .map(({ table }) => getTableName(table)),
];
