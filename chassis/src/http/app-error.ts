import { type ErrorCode, errors } from '@platen/schema/errors';

export interface FieldError {
  /** JSON pointer into the request, e.g. `/body/lines/0/quantity`. */
  readonly path: string;
  readonly message: string;
}

/**
 * A refusal with a code of the error table. `detail` is for the caller: no SQL, no path, nothing of another tenant.
 * `cause` is for the log only.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly fields: readonly FieldError[];
  /** Members added to the problem document (RFC 9457 section 3.2), e.g. `permission`, `allowed`. */
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    detail?: string,
    options: {
      cause?: unknown;
      fields?: readonly FieldError[];
      extensions?: Record<string, unknown>;
      retryAfterSeconds?: number;
    } = {},
  ) {
    super(detail ?? errors[code].title, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = detail;
    this.fields = options.fields ?? [];
    this.extensions = options.extensions ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** What the schema of a field cannot say of it. `path` as in `FieldError`. */
export const invalidField = (path: string, message: string): AppError =>
  new AppError('validation_failed', undefined, { fields: [{ path, message }] });

/** Names what is missing in words too: people are shown the detail. */
export const permissionDenied = (permission: string, detail = `The permission ${permission} is needed`): AppError =>
  new AppError('permission_denied', detail, { extensions: { permission } });

export const moduleUnavailable = (module: string): AppError =>
  new AppError('module_unavailable', `The module ${module} is needed`, { extensions: { module } });
