/** What a spreadsheet takes for a formula, in some languages in its full width too, and what an earlier export marked so. */
const formula = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const marked = /^'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** A cell that means text to every spreadsheet; `plainCell` gives it back. */
export const safeCell = (text: string): string => (formula.test(text) ? `'${text}` : text);
export const plainCell = (text: string): string => (marked.test(text) ? text.slice(1) : text);

/** RFC 4180, with the formulas defused. */
export function csvCell(text: string | null): string {
  if (text === null || text === '') return '';
  const safe = safeCell(text);
  return /[",;\r\n\t]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
