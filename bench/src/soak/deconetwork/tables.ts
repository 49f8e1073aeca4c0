import type pg from 'pg';

/** Tables that tell of what was done, and of who is to do it. */
const ofTheWork = [
  'outbox_events',
  'outbox_positions',
  'erp_jobs',
  'due_work',
  'dn_connections',
  'dn_import_jobs',
  'dn_import_job_rows',
  'dn_calls',
  'idempotency_keys',
];

async function listTables(db: pg.Client, without: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  );
  return rows.map(({ name }) => name).filter((name) => !without.includes(name));
}
export const everyTable = (db: pg.Client): Promise<string[]> => listTables(db, []);

/** Each table's rows, all of their columns, in one print. */
export async function printTables(db: pg.Client): Promise<Map<string, string>> {
  const prints = new Map<string, string>();
  for (const name of await listTables(db, ofTheWork)) {
    const { rows } = await db.query<{ print: string }>(
      `select count(*) || ' rows ' || coalesce(md5(string_agg(m, '' order by m)), '') as print
       from (select md5(t::text) as m from "${name}" t) marks`,
    );
    prints.set(name, rows[0]?.print ?? '');
  }
  const { rows } = await db.query<{ n: string }>(
    `select count(*) as n from outbox_events where topic not like 'erp.job%'`,
  );
  prints.set('events of the business', rows[0]?.n ?? '');
  return prints;
}

export const differingTables = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] =>
  [...after].flatMap(([name, print]) =>
    print === before.get(name) ? [] : [`${name} was ${before.get(name) ?? 'not there'} and is ${print}`],
  );

type Cells = Readonly<Record<string, unknown>>;
export interface TableRow {
  readonly table: string;
  readonly cells: Cells;
}
export type BusinessRows = ReadonlyMap<string, TableRow>;

/** All rows of the business, without how often and when they were written. Maps are not among them. */
export async function readBusinessRows(db: pg.Client): Promise<BusinessRows> {
  const rows = new Map<string, TableRow>();
  for (const table of await listTables(db, [...ofTheWork, 'dn_maps'])) {
    const found = await db.query<{ cells: Cells }>(
      `select to_jsonb(t) - array['updated_at', 'version'] as cells from "${table}" t`,
    );
    for (const { cells } of found.rows) rows.set(`${table} ${JSON.stringify(cells)}`, { table, cells });
  }
  return rows;
}
export const differingRows = (before: BusinessRows, after: BusinessRows): TableRow[] =>
  [...[...before].filter(([key]) => !after.has(key)), ...[...after].filter(([key]) => !before.has(key))].map(
    ([, row]) => row,
  );
