import { DatabaseError as ServerError } from 'pg';
import { AppError } from '../http/app-error.js';

/** PostgreSQL's codes (Appendix A of its manual) that callers tell apart. */
export const sqlstates = {
  uniqueViolation: '23505',
  foreignKeyViolation: '23503',
  checkViolation: '23514',
  serializationFailure: '40001',
  deadlockDetected: '40P01',
  lockNotAvailable: '55P03',
  queryCanceled: '57014',
  insufficientPrivilege: '42501',
  transactionAborted: '25P02',
} as const;

/** What a statement itself caused. A database that is away is an AppError `database_unavailable` instead. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly sqlstate: string;
  readonly constraint: string | undefined;
  readonly table: string | undefined;
  /** Name of the statement, for the log. */
  readonly statement: string | undefined;

  constructor(
    message: string,
    details: {
      sqlstate: string;
      constraint?: string | undefined;
      table?: string | undefined;
      statement?: string | undefined;
      cause?: unknown;
    },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.sqlstate = details.sqlstate;
    this.constraint = details.constraint;
    this.table = details.table;
    this.statement = details.statement;
  }
}

/** The answer while a database is away, or has more waiting than it can serve in time. */
export function unavailable(why: string, cause?: unknown): AppError {
  const inside = new Error(why, cause === undefined ? undefined : { cause });
  return new AppError('database_unavailable', undefined, { cause: inside, retryAfterSeconds: 1 });
}

// Class 08 connection exceptions, 53 insufficient resources (disk full, too many connections), 57P0x shutdown and
// start-up, 58 system errors, 25P03/25P04 a transaction that the server ended because of its time.
const away = /^(?:08|53|57P0|58|25P0[34])/;
// Refused at connect: wrong password, no such database, not permitted. The tenant's answer is the same.
const refused = /^(?:28|3D)/;

/** A server's ErrorResponse (or anything else that a connection threw) as one of ours. */
export function fromServer(error: unknown, statement?: string): DatabaseError | AppError {
  if (error instanceof AppError || error instanceof DatabaseError) return error;
  if (!(error instanceof ServerError) || error.code === undefined) {
    return unavailable(error instanceof Error ? error.message : 'connection lost', error);
  }
  if (away.test(error.code) || refused.test(error.code)) return unavailable(error.message, error);
  return new DatabaseError(error.message, {
    sqlstate: error.code,
    constraint: error.constraint,
    table: error.table,
    statement,
    cause: error,
  });
}

/** The connection's prepared statement is gone or outdated (a migration ran): nothing was executed, another try prepares anew. */
export function isStalePlan(error: unknown): boolean {
  return (
    error instanceof DatabaseError &&
    (error.sqlstate === '26000' || (error.sqlstate === '0A000' && error.message.startsWith('cached plan')))
  );
}

/** Narrow a caught error: `isViolation(error, 'erp_customers_code_key')`. Without a name, any unique constraint. */
export function isUniqueViolation(error: unknown, constraint?: string): error is DatabaseError {
  return is(error, sqlstates.uniqueViolation, constraint);
}

export function isForeignKeyViolation(error: unknown, constraint?: string): error is DatabaseError {
  return is(error, sqlstates.foreignKeyViolation, constraint);
}

function is(error: unknown, sqlstate: string, constraint: string | undefined): error is DatabaseError {
  return (
    error instanceof DatabaseError &&
    error.sqlstate === sqlstate &&
    (constraint === undefined || error.constraint === constraint)
  );
}

/**
 * For the one error handler: what a database error means to a caller when the service had nothing more exact to say.
 * undefined: a fault of ours (500).
 */
export function toAppError(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (!(error instanceof DatabaseError)) return undefined;
  if (isStalePlan(error))
    return new AppError('database_unavailable', undefined, { cause: error, retryAfterSeconds: 1 });
  switch (error.sqlstate) {
    case sqlstates.uniqueViolation:
      return new AppError('duplicate', undefined, { cause: error });
    case sqlstates.foreignKeyViolation:
      return new AppError('unknown_reference', undefined, { cause: error });
    case sqlstates.serializationFailure:
    case sqlstates.deadlockDetected:
      return new AppError('conflict', undefined, { cause: error });
    // Nothing was done, and nothing needs to be read again: its turn did not come in time.
    case sqlstates.lockNotAvailable:
      return new AppError('contended', undefined, { cause: error, retryAfterSeconds: 1 });
    case sqlstates.queryCanceled:
      return new AppError('database_unavailable', 'The database took too long', { cause: error, retryAfterSeconds: 1 });
    // Text that UTF-8 allows and PostgreSQL does not: a NUL.
    case '22021':
    case '22P05':
      return new AppError('validation_failed', 'A text holds a character that cannot be stored', { cause: error });
    // Dates that the calendar has and PostgreSQL has not: the year 0000.
    case '22008':
      return new AppError('validation_failed', 'A date is out of range', { cause: error });
    // Half of a surrogate pair, which JSON can spell and jsonb does not take. Any other text of a wrong form is our fault.
    case '22P02':
      return error.message.startsWith('invalid input syntax for type json')
        ? new AppError('validation_failed', 'A text holds a character that cannot be stored', { cause: error })
        : undefined;
    default:
      return undefined;
  }
}
