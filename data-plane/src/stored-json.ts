import { isUniqueViolation } from '@platen/chassis/db/errors';
import type { ColumnParser } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { RawJson } from '@platen/chassis/http/types';

/** A document as Postgres wrote it for the response, and the version that its ETag shows. */
export interface JsonRow {
  readonly json: string;
  readonly version: number;
}
export const parseJsonRow: Readonly<Record<string, ColumnParser>> = { version: 'int' };

/** @throws AppError not_found: not there, or not the caller's, which looks the same */
export function foundJson(row: JsonRow | undefined): RawJson {
  if (!row) throw new AppError('not_found');
  return new RawJson(row.json, row.version);
}

/** What one statement that changes a document tells: the row as it was found, what was refused, what came out. */
export interface ChangeRow {
  readonly version_before: number;
  /** null: nothing was changed. */
  readonly json: string | null;
  readonly version: number | null;
}
export const parseChangeRow: Readonly<Record<string, ColumnParser>> = { version_before: 'int', version: 'int' };

/**
 * Call it after the checks of the document's own references. Without a result it is the version that did not match:
 * seen here, or by the update itself when another one came first.
 * @throws AppError not_found, version_mismatch
 */
export function changedJson(row: ChangeRow | undefined): RawJson {
  if (!row) throw new AppError('not_found');
  if (row.json === null) throw new AppError('version_mismatch');
  return new RawJson(row.json, row.version);
}

/** Runs a write, whose violation of one of the named constraints means that somebody has this code already: the field at `path`. */
export async function orDuplicate<R>(write: Promise<R>, constraint: string, detail: string, path?: string): Promise<R> {
  try {
    return await write;
  } catch (error) {
    if (isUniqueViolation(error, constraint)) {
      throw new AppError('duplicate', detail, {
        cause: error,
        ...(path !== undefined && { fields: [{ path, message: 'is taken' }] }),
      });
    }
    throw error;
  }
}
