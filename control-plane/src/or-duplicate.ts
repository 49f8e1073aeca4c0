import { isUniqueViolation } from '@platen/chassis/db/errors';
import { AppError } from '@platen/chassis/http/app-error';

/** Runs a write, whose violation of the named constraint means that somebody has this already. */
export async function orDuplicate<R>(write: Promise<R>, constraint: string, detail: string): Promise<R> {
  try {
    return await write;
  } catch (error) {
    if (isUniqueViolation(error, constraint)) throw new AppError('duplicate', detail, { cause: error });
    throw error;
  }
}
