import { createHash } from 'node:crypto';
import type { TransactionSql } from 'postgres';
import { rowsPartName } from '../archive/manifest.js';
import type { ArchiveWriter } from '../archive/write-archive.js';
import { type ArchivedTable, isByOrganization } from './archived-tables.js';
import { enter } from './enter.js';

/** Rows come and go in parts of about so many bytes: what is in memory at once, however large a table is. */
const partBytes = 1024 * 1024;
const rowsAtOnce = 1_000;

export interface DumpedTable {
  readonly rows: number;
  readonly sha256: string;
}

/** `each`: sees every row's text. */
export async function dumpTable(
  tx: TransactionSql,
  table: ArchivedTable,
  tenant: { readonly id: string; readonly organizationIds: readonly string[] },
  archive: Pick<ArchiveWriter, 'add'>,
  each?: (line: string) => void,
): Promise<DumpedTable> {
  const hash = createHash('sha256');
  let rows = 0;
  for (const organizationId of isByOrganization(table) ? tenant.organizationIds : [null]) {
    await enter(tx, table.kind, 'app', { tenantId: tenant.id, organizationId });
    let number = 0;
    let lines: string[] = [];
    let bytes = 0;
    const flush = async () => {
      if (lines.length === 0) return;
      const part = Buffer.from(lines.join(''));
      lines = [];
      bytes = 0;
      number += 1;
      hash.update(part);
      await archive.add(rowsPartName({ kind: table.kind, table: table.name, organizationId }, number), part);
    };
    for await (const batch of tx.unsafe<{ line: string }[]>(selectOf(table)).cursor(rowsAtOnce)) {
      for (const { line } of batch) {
        each?.(line);
        lines.push(`${line}\n`);
        // UTF-16 units: near enough to cut by.
        bytes += line.length;
        rows += 1;
        if (bytes >= partBytes) await flush();
      }
    }
    await flush();
  }
  return { rows, sha256: hash.digest('hex') };
}

function selectOf({ name, columns, primaryKey, instead, where }: ArchivedTable): string {
  const listed = columns.map((column) => (instead[column] ? `${instead[column]} as "${column}"` : `"${column}"`));
  const order = primaryKey.map((column) => `t."${column}"`).join(', ');
  return `select row_to_json(r)::text as line from (
    select ${listed.join(', ')} from ${name} t where ${where}${order === '' ? '' : ` order by ${order}`}) r`;
}
