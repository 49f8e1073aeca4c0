import { statement } from '@platen/chassis/db/statement';
import type { Statement, Tx } from '@platen/chassis/db/types';

export type Row = Readonly<Record<string, string | number | boolean | null | object>>;

/** Rows of a statement: its JSON parameter stays small enough to be parsed quickly. */
const batchSize = 1_000;
const statements = new Map<string, Statement<never>>();

/** Inserts rows with the same columns, in bulk. Identifiers come from this folder's code, never from outside. */
export function insertRows(tx: Tx, table: string, rows: readonly Row[]): void {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first).join(', ');
  const name = `seed.${table}`;
  const insert =
    statements.get(name) ??
    statement<never>(
      name,
      `insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, $1::json)`,
    );
  statements.set(name, insert);
  for (let start = 0; start < rows.length; start += batchSize) {
    tx.defer(insert, [JSON.stringify(rows.slice(start, start + batchSize))]);
  }
}
