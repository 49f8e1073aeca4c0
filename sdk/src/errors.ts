import type { ErrorCode } from '@platen/schema/errors';

export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** The members of a problem document (RFC 9457) that the client reads; the others are `extensions`. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title?: string;
  readonly detail?: string;
  readonly correlation_id?: string;
  readonly errors?: readonly FieldError[];
  readonly [extension: string]: unknown;
}

/** The server answered, and said no. `Code` narrows by a method's `isError`. */
export class PlatenError<Code extends string = ErrorCode> extends Error {
  override readonly name = 'PlatenError';
  /** The method that failed, e.g. `erp.quotes.send`. */
  readonly operation: string;
  readonly status: number;
  readonly code: Code;
  readonly detail: string | undefined;
  readonly correlationId: string;
  /** What a validation found, field by field; else empty. */
  readonly fields: readonly FieldError[];
  /** Members of the problem document beside the ones above. */
  readonly extensions: Readonly<Record<string, unknown>>;
  /** From `Retry-After`: how long the server asks to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(operation: string, problem: Problem, correlationId: string, retryAfterMs?: number) {
    const { status, code, type, title, detail, instance, correlation_id, errors, ...extensions } = problem;
    super(`${operation}: ${detail ?? title ?? code}`);
    this.operation = operation;
    this.status = status;
    // A server may be newer than this client: a code unknown here is passed on as it came.
    this.code = code as Code;
    this.detail = detail;
    this.correlationId = correlation_id ?? correlationId;
    this.fields = errors ?? [];
    this.extensions = extensions;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No usable answer came: whether the request had its effect is unknown, unless a retry with its key tells. */
export class PlatenNetworkError extends Error {
  override readonly name = 'PlatenNetworkError';
  readonly operation: string;
  readonly correlationId: string;
  /** `timeout`: the deadline over all tries passed. `answer`: something answered that is not this API. */
  readonly kind: 'connection' | 'timeout' | 'answer';
  /** Of an answer that is not this API's, e.g. a proxy's 502. */
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    operation: string,
    kind: PlatenNetworkError['kind'],
    correlationId: string,
    details: { cause?: unknown; status?: number; retryAfterMs?: number | undefined } = {},
  ) {
    super(`${operation}: ${describe(kind, details.status)}${codeOf(details.cause)}`, { cause: details.cause });
    this.operation = operation;
    this.kind = kind;
    this.correlationId = correlationId;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}

const describe = (kind: PlatenNetworkError['kind'], status?: number) =>
  kind === 'timeout'
    ? 'no answer before the deadline'
    : kind === 'answer'
      ? `an answer that is not this API's${status ? ` (${status})` : ''}`
      : 'the connection failed';

/** ` (ECONNREFUSED)`: of what the system said, where it said something. */
const codeOf = (cause: unknown) =>
  typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string'
    ? ` (${cause.code})`
    : '';
