import { AppError } from '@platen/chassis/http/app-error';
import type { StoredLine } from '../orders/repo.js';

/**
 * Lines of a delivery or a bill with the lines of the purchase order that they name, each once.
 * @throws AppError unknown_reference, validation_failed
 */
export function pairLines<T extends { readonly purchase_order_line_id: string }>(
  given: readonly T[],
  stored: readonly StoredLine[],
): { readonly given: T; readonly line: StoredLine; readonly path: string }[] {
  const byId = new Map(stored.map((line) => [line.id, line]));
  const seen = new Set<string>();
  return given.map((each, index) => {
    const path = `/body/lines/${index}`;
    const id = each.purchase_order_line_id;
    const line = byId.get(id);
    if (!line) throw refused('unknown_reference', path, 'names no line of the purchase order');
    if (seen.has(id)) throw refused('validation_failed', path, 'names a line that another one names');
    seen.add(id);
    return { given: each, line, path };
  });
}

const refused = (code: 'unknown_reference' | 'validation_failed', path: string, message: string): AppError =>
  new AppError(code, undefined, { fields: [{ path: `${path}/purchase_order_line_id`, message }] });
