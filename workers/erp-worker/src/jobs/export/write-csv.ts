import { csvCell } from '@platen/chassis/csv/cells';
import type { ExportColumn } from '@platen/schema/contracts/internal/export-rows';
import type { Row } from './held-files.js';

/** RFC 4180, a piece for each few hundred rows. */
export async function* writeCsv(
  { columns, bom }: { readonly columns: readonly ExportColumn[]; readonly bom: boolean },
  slices: AsyncIterable<readonly Row[]>,
): AsyncGenerator<Buffer, void> {
  const header = columns.map((column) => csvCell(column.header)).join(',');
  yield Buffer.from(`${bom ? '\ufeff' : ''}${header}\r\n`);
  // Numbers and dates have nothing to escape, and a minus before them is no formula.
  const isText = columns.map(({ type }) => type === 'text');
  const lineOf = (row: Row): string =>
    `${row.map((cell, place) => (isText[place] ? csvCell(cell) : (cell ?? ''))).join(',')}\r\n`;
  for await (const rows of slices) yield Buffer.from(rows.map(lineOf).join(''));
}
