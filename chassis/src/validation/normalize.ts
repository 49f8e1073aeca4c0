import { Code, Email } from '@platen/schema/contracts/shapes';
import { invalidField } from '../http/app-error.js';
import { createChecker } from './checker.js';

const fits = { code: createChecker(Code), email: createChecker(Email) };

/** One spelling for what looks and means the same, so that codes, SKUs and e-mails can be compared byte by byte. */
export const fold = (text: string): string => text.normalize('NFKC').toLowerCase().normalize('NFKC');

/**
 * As it is stored. Folding can make a text longer or bring in other characters, so it is held against its schema again.
 * `path` is the field's JSON pointer.
 * @throws AppError validation_failed
 */
export const normalizeCode = (text: string, path: string): string => folded('code', text, path);
export const normalizeEmail = (text: string, path: string): string => folded('email', text, path);

function folded(kind: keyof typeof fits, text: string, path: string): string {
  const result = fold(text);
  if (!fits[kind].check(result)) {
    throw invalidField(path, 'must still fit after Unicode normalisation (NFKC) and lower-casing');
  }
  return result;
}
