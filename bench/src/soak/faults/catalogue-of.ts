import { runSql } from '../../environment/platform.js';

/** What a database declares, a line for each thing: equal lists are equal databases. */
export async function readCatalogue(url: string): Promise<readonly string[]> {
  const rows = await runSql(
    url,
    `with ours as (select oid, nspname from pg_namespace where nspname in ('public', 'readings', 'migrations'))
     select line from (
       select format('relation %s.%s %s %s %s %s', n.nspname, c.relname, c.relkind, c.relacl::text, c.relrowsecurity, c.relforcerowsecurity) as line
         from pg_class c join ours n on n.oid = c.relnamespace
       union all select format('column %s.%s %s %s %s', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
           (select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d where d.adrelid = a.attrelid and d.adnum = a.attnum))
         from pg_attribute a join pg_class c on c.oid = a.attrelid join ours n on n.oid = c.relnamespace
         where a.attnum > 0 and not a.attisdropped
       union all select format('constraint %s %s %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
         from pg_constraint k join ours n on n.oid = k.connamespace
       union all select format('index %s', pg_get_indexdef(i.indexrelid))
         from pg_index i join pg_class c on c.oid = i.indexrelid join ours n on n.oid = c.relnamespace
       union all select format('policy %s.%s %s %s %s %s', schemaname, tablename, policyname, roles::text, qual, with_check) from pg_policies
       union all select format('trigger %s', pg_get_triggerdef(g.oid)) from pg_trigger g
         join pg_class c on c.oid = g.tgrelid join ours n on n.oid = c.relnamespace where not g.tgisinternal
       union all select format('function %s %s', f.oid::regprocedure, md5(pg_get_functiondef(f.oid)))
         from pg_proc f join ours n on n.oid = f.pronamespace where f.prokind = 'f') lines
     where line not like 'relation migrations.%' and line not like '% migrations.%' order by 1`,
  );
  return (rows as { line: string }[]).map(({ line }) => line);
}
