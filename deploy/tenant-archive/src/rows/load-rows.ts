import type { TransactionSql } from 'postgres';
import { ArchiveError } from '../archive/manifest.js';
import { readRows } from '../archive/verify-archive.js';
import type { ArchivedTable } from './archived-tables.js';

/** What refers to its own table is set when all of the table is there: a row may name one that comes later. */
interface Reference {
  readonly key: Readonly<Record<string, unknown>>;
  readonly to: unknown;
}
const referencesAtOnce = 2_000;

export interface TableLoader {
  /** How many rows so far. */
  readonly rows: number;
  /** @throws ArchiveError for a row of another tenant */
  load(name: string, part: Buffer): Promise<void>;
  /** When all of its rows that the transaction's scope holds are there. @throws ArchiveError */
  settle(): Promise<void>;
}

/** In the scope that the transaction has entered, whose policies hold for every row. */
export function loadTable(tx: TransactionSql, table: ArchivedTable, tenantId: string): TableLoader {
  const columns = table.columns.map((column) => `"${column}"`).join(', ');
  const owner = table.name === 'tenants' ? 'id' : 'tenant_id';
  const insert = `insert into ${table.name} (${columns})
    select ${columns} from json_populate_recordset(null::${table.name}, $1::text::json) where "${owner}" = $2::uuid`;
  const references: Reference[] = [];
  let rows = 0;
  return {
    get rows() {
      return rows;
    },
    async load(name, part) {
      const { text, count, own } = partOf(table, name, part);
      for (const reference of own) references.push(reference);
      const { count: written } = await tx.unsafe(insert, [text, tenantId]);
      if (written !== count) throw new ArchiveError(`${name} has a row of another tenant`);
      rows += count;
    },
    async settle() {
      while (references.length > 0) await setReferences(tx, table, references.splice(0, referencesAtOnce));
    },
  };
}

async function setReferences(
  tx: TransactionSql,
  { name, selfReference: column, primaryKey }: ArchivedTable,
  references: readonly Reference[],
): Promise<void> {
  if (column === null) return;
  const keys = primaryKey.map((key) => `t."${key}" = r."${key}"`).join(' and ');
  const { count } = await tx.unsafe(
    `update ${name} t set "${column}" = r."${column}"
     from json_populate_recordset(null::${name}, $1::text::json) r where ${keys}`,
    [JSON.stringify(references.map(({ key, to }) => ({ ...key, [column]: to })))],
  );
  if (count !== references.length) throw new ArchiveError(`${name}: ${column} of some rows could not be set`);
}

/** As a JSON array; the text of a row is passed on as it is, unless it names another of its table. */
function partOf({ selfReference, primaryKey }: ArchivedTable, name: string, part: Buffer) {
  const lines = part.toString('utf8').split('\n').filter(Boolean);
  if (selfReference === null) return { text: `[${lines.join(',')}]`, count: lines.length, own: [] };
  const own: Reference[] = [];
  const texts: string[] = [];
  let at = 0;
  for (const row of readRows(name, part)) {
    const to = row[selfReference];
    const line = lines[at] ?? '';
    at += 1;
    if (to == null) {
      texts.push(line);
      continue;
    }
    own.push({ key: Object.fromEntries(primaryKey.map((key) => [key, row[key]])), to });
    // A later member of the same name stands in place of the earlier one, and numbers stay as they were written.
    texts.push(`${line.slice(0, -1)},"${selfReference}":null}`);
  }
  return { text: `[${texts.join(',')}]`, count: lines.length, own };
}
