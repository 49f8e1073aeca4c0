import type { Sql } from 'postgres';

/**
 * What a live database says of its tables, a fact a line, in Postgres's own normal form: two databases are alike if
 * their lines are. The order of columns is left out, because a column added later stands last.
 */
export async function describeDatabase(sql: Sql): Promise<string[]> {
  const rows = await sql.unsafe<{ fact: string }[]>(facts.join('\nunion all\n'));
  return rows.map((row) => row.fact).sort();
}

/** What is in one list and not in the other. */
export function compareFacts(declared: readonly string[], live: readonly string[]): string[] {
  const there = new Set(live);
  const wanted = new Set(declared);
  return [
    ...declared.filter((fact) => !there.has(fact)).map((fact) => `missing: ${fact}`),
    ...live.filter((fact) => !wanted.has(fact)).map((fact) => `undeclared: ${fact}`),
  ];
}

const inPublic = `'public'::regnamespace`;

const facts = [
  `select format('%s %s: row-level security %s, forced %s',
      case relkind when 'v' then 'view' else 'table' end, relname, relrowsecurity, relforcerowsecurity) as fact
   from pg_class where relnamespace = ${inPublic} and relkind in ('r', 'p', 'v', 'm', 'f')`,
  `select format('column %s.%s: %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
      case when a.attnotnull then ' not null' end,
      ' default ' || pg_get_expr(d.adbin, d.adrelid),
      case when a.attidentity <> '' then ' identity ' || a.attidentity::text end)
   from pg_attribute a
   join pg_class c on c.oid = a.attrelid
   left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where c.relnamespace = ${inPublic} and c.relkind in ('r', 'p', 'v', 'm', 'f') and a.attnum > 0 and not a.attisdropped`,
  // Not null is a fact of the column; PostgreSQL 18 lists it as a constraint too.
  `select format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
   from pg_constraint where connamespace = ${inPublic} and conrelid <> 0 and contype not in ('n', 't')`,
  `select 'index: ' || indexdef from pg_indexes where schemaname = 'public'`,
  `select format('policy %s on %s: %s %s to %s using %s check %s', policyname, tablename, permissive, cmd, roles, qual, with_check)
   from pg_policies where schemaname = 'public'`,
  // An acl of null is the built-in default: everything to the owner, nothing to anybody else.
  `select format('grant on %s: %s to %s', c.relname, lower(g.privilege_type), coalesce(r.rolname, 'public'))
   from pg_class c, aclexplode(c.relacl) g left join pg_roles r on r.oid = g.grantee
   where c.relnamespace = ${inPublic} and c.relkind in ('r', 'p', 'v', 'm', 'f') and g.grantee <> c.relowner`,
  `select format('grant on %s.%s: %s to %s', c.relname, a.attname, lower(g.privilege_type), coalesce(r.rolname, 'public'))
   from pg_class c join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) g left join pg_roles r on r.oid = g.grantee
   where c.relnamespace = ${inPublic} and not a.attisdropped`,
  `select format('function past row-level security, of %s: %s', proowner::regrole, pg_get_functiondef(oid))
   from pg_proc where pronamespace = ${inPublic} and prosecdef`,
  `select format('function %s: execute to %s', p.oid::regprocedure, coalesce(r.rolname, 'public'))
   from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g left join pg_roles r on r.oid = g.grantee
   where p.pronamespace = ${inPublic} and p.prosecdef and g.grantee <> p.proowner`,
  `select 'trigger: ' || pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid
   where c.relnamespace = ${inPublic} and not t.tgisinternal and t.tgfoid in (
     select oid from pg_proc where proname in ('keep_variant_words', 'renew_words_of_variants'))`,
  `select 'statistics: ' || pg_get_statisticsobjdef(oid) from pg_statistic_ext where stxnamespace = ${inPublic}`,
];
