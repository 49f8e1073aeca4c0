export type EmbeddedPostgresReason =
  /** Another live process runs a server on this folder. */
  | 'in_use'
  /** The server's user cannot enter a folder on the way (PostgreSQL refuses to run as root). */
  | 'closed_folder'
  | 'disk_full'
  | 'port_in_use'
  | 'unsupported_platform'
  /** The folder holds data of another major version, or something that is no database. */
  | 'foreign_data'
  | 'failed';

/** One line for a person at a terminal; `detail` has the tail of the server's log for who wants more. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
  readonly reason: EmbeddedPostgresReason;
  readonly detail: string;

  constructor(reason: EmbeddedPostgresReason, message: string, options: { detail?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.detail = options.detail ?? '';
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/** Names what commonly goes wrong from an error of the file system or the last words of initdb or the server. */
export function explainFailure(what: string, dataDir: string, log: string, cause?: unknown): EmbeddedPostgresError {
  if (cause instanceof EmbeddedPostgresError) return cause;
  const options = cause === undefined ? { detail: log } : { detail: log, cause };
  if (hasCode(cause, 'ENOSPC') || /No space left on device|Disk quota exceeded/i.test(log)) {
    return new EmbeddedPostgresError('disk_full', `The disk of ${dataDir} is full`, options);
  }
  if (hasCode(cause, 'EACCES') || hasCode(cause, 'EPERM') || hasCode(cause, 'EROFS') || /Permission denied/.test(log)) {
    return new EmbeddedPostgresError('closed_folder', `No permission to write the data folder ${dataDir}`, options);
  }
  if (/Address already in use/.test(log)) {
    return new EmbeddedPostgresError('port_in_use', 'The port for PostgreSQL is taken by another program', options);
  }
  if (/lock file ".*" already exists/.test(log)) {
    return new EmbeddedPostgresError('in_use', `Another PostgreSQL server runs on ${dataDir}`, options);
  }
  if (/database files are incompatible with server|not a valid data directory/.test(log)) {
    return new EmbeddedPostgresError('foreign_data', `${dataDir} was made by another version of PostgreSQL`, options);
  }
  const lastLine = log.trim().split('\n').at(-1) ?? '';
  const why = lastLine || (cause instanceof Error ? cause.message : 'no reason was given');
  return new EmbeddedPostgresError('failed', `${what} failed: ${why}`, options);
}
