import type { CellType } from '@platen/schema/contracts/internal/export-rows';

/** Places of `cellXfs` in the styles of the workbook. */
export const styles = { plain: 0, header: 1, money: 2, date: 3, datetime: 4 } as const;

/** More digits than a spreadsheet's numbers have. */
const maxDigits = 15;
/** What a cell holds at most. */
const maxTextLength = 32_767;
const msPerDay = 86_400_000;
/** Days from the spreadsheets' first one to 1970-01-01. */
const epochDays = 25_569;

/** The cell's element (ECMA-376 part 1, 18.3.1.4). Text is text here, whatever it begins with. */
export function sheetCell(type: CellType, place: string, text: string | null): string {
  if (text === null || text === '') return '';
  switch (type) {
    case 'money':
      return decimal(place, text, styles.money);
    case 'quantity':
    case 'integer':
      return decimal(place, text, styles.plain);
    case 'date':
      return number(place, String(Date.parse(`${text}T00:00:00.000Z`) / msPerDay + epochDays), styles.date);
    case 'datetime':
      return number(place, String(Date.parse(text) / msPerDay + epochDays), styles.datetime);
    case 'boolean':
      return `<c r="${place}" t="b"><v>${text === 'true' ? 1 : 0}</v></c>`;
    case 'text':
      return textCell(place, text);
  }
}

export const textCell = (place: string, text: string, style: number = styles.plain): string =>
  `<c r="${place}" t="inlineStr"${styleOf(style)}><is><t xml:space="preserve">${escapeXml(text.slice(0, maxTextLength))}</t></is></c>`;

const number = (place: string, value: string, style: number): string =>
  `<c r="${place}"${styleOf(style)}><v>${value}</v></c>`;

const styleOf = (style: number): string => (style === styles.plain ? '' : ` s="${style}"`);

/** The digits as they are: what a double would round stays text. */
function decimal(place: string, text: string, style: number): string {
  const value = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  const digits = value.replace(/[-.]/g, '').replace(/^0+/, '');
  return digits.length > maxDigits ? textCell(place, value) : number(place, value, style);
}

/** Control characters, and what reads like the escape of one, as the standard has it (22.9.2.19). */
const unwritable = /(?![\t\n])\p{Cc}|\p{Cs}|[\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)/gu;
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escapeXml(text: string): string {
  return text
    .replace(unwritable, (unit) => `_x${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    .replace(/[&<>"]/g, (character) => entities[character] ?? '');
}

/** `A`, `B` … `Z`, `AA`. */
export function columnName(index: number): string {
  const rest = Math.floor(index / 26);
  return (rest === 0 ? '' : columnName(rest - 1)) + String.fromCharCode(65 + (index % 26));
}
