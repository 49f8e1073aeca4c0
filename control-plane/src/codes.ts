import { isUniqueViolation } from '@platen/chassis/db/errors';
import { AppError } from '@platen/chassis/http/app-error';
import { createChecker } from '@platen/chassis/validation/checker';
import { Code } from '@platen/schema/contracts/shapes';

const fits = createChecker(Code);

/**
 * One spelling for what looks and means the same, so that codes can be compared byte by byte. Folding can make a text
 * longer or bring in other characters, so it is held against its schema again. `path` is the field's JSON pointer.
 * @throws AppError validation_failed
 */
export function normaliseCode(text: string, path: string): string {
  const code = text.normalize('NFKC').toLowerCase().normalize('NFKC');
  if (fits.check(code)) return code;
  throw new AppError('validation_failed', undefined, {
    fields: [{ path, message: 'must still fit after Unicode normalisation (NFKC) and lower-casing' }],
  });
}

/** Runs a write, whose violation of the named constraint means that somebody has this already. */
export async function orDuplicate<R>(write: Promise<R>, constraint: string, detail: string): Promise<R> {
  try {
    return await write;
  } catch (error) {
    if (isUniqueViolation(error, constraint)) throw new AppError('duplicate', detail, { cause: error });
    throw error;
  }
}
