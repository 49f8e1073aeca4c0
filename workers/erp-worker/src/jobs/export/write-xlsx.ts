import { Readable } from 'node:stream';
import type { CellType, ExportColumn } from '@platen/schema/contracts/internal/export-rows';
import { ZipFile } from 'yazl';
import type { Row } from './held-files.js';
import { columnName, sheetCell, styles, textCell } from './sheet-cells.js';
import { sheetHead, sheetTail, workbookParts } from './workbook.js';

/** Of a sheet, less the header. */
export const maxSheetRows = 1_048_575;

/** The same rows make the same bytes. */
const mtime = new Date('2000-01-01T12:00:00Z');

/** A workbook with one sheet, as it is written: nothing of it is kept but what its reader has not taken yet. */
export function writeXlsx(
  sheet: { readonly columns: readonly ExportColumn[]; readonly sheet_name: string },
  slices: AsyncIterable<readonly Row[]>,
): AsyncIterable<Buffer> {
  const zip = new ZipFile();
  // What it is declared as lacks `destroy`.
  const out = zip.outputStream as Readable;
  const rows = Readable.from(writeSheet(sheet.columns, slices), { objectMode: false });
  zip.on('error', (error) => out.destroy(error instanceof Error ? error : new Error(String(error))));
  out.once('close', () => rows.destroy());
  for (const [place, xml] of Object.entries(workbookParts(sheet.sheet_name))) {
    zip.addBuffer(Buffer.from(xml), place, { mtime });
  }
  zip.addReadStream(rows, 'xl/worksheets/sheet1.xml', { mtime });
  zip.end();
  return out;
}

async function* writeSheet(
  columns: readonly ExportColumn[],
  slices: AsyncIterable<readonly Row[]>,
): AsyncGenerator<Buffer, void> {
  const names = columns.map((_column, index) => columnName(index));
  const types = columns.map(({ type }) => type);
  const header = columns.map((column, index) => textCell(`${names[index]}1`, column.header, styles.header));
  yield Buffer.from(`${sheetHead(columns.map(widthOf).join(''))}<row r="1">${header.join('')}</row>`);
  let at = 1;
  const rowOf = (row: Row): string => {
    at += 1;
    const cells = row.map((cell, index) => sheetCell(types[index] ?? 'text', `${names[index]}${at}`, cell));
    return `<row r="${at}">${cells.join('')}</row>`;
  };
  for await (const rows of slices) yield Buffer.from(rows.map(rowOf).join(''));
  yield Buffer.from(sheetTail);
}

/** In characters. */
const widths: Readonly<Record<CellType, number>> = {
  text: 22,
  money: 14,
  quantity: 12,
  integer: 10,
  date: 12,
  datetime: 20,
  boolean: 10,
};
const widthOf = ({ type, header }: ExportColumn, index: number): string =>
  `<col min="${index + 1}" max="${index + 1}" width="${Math.max(widths[type], header.length + 2)}" customWidth="1"/>`;
