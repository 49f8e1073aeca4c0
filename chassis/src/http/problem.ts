import { type ErrorCode, errors } from '@platen/schema/errors';
import { toAppError as fromDatabase } from '../db/errors.js';
import { AppError, type FieldError } from './app-error.js';

/** RFC 9457. `type` names the code, which is what clients should compare. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail?: string;
  readonly instance: string;
  readonly correlation_id: string;
  readonly errors?: readonly FieldError[];
}

export const problemMediaType = 'application/problem+json';

export function describeProblem(
  error: AppError,
  fields: readonly FieldError[],
  instance: string,
  correlationId: string,
): Problem {
  const { status, title } = errors[error.code];
  return {
    // Extensions come first: they never replace a member of the standard.
    ...error.extensions,
    type: `urn:platen:error:${error.code}`,
    title,
    status,
    code: error.code,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    instance,
    correlation_id: correlationId,
    ...(fields.length === 0 ? {} : { errors: fields }),
  };
}

/** Fastify's own refusals. Whatever else it throws is a fault of ours. */
const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_body',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_body',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_body',
  FST_ERR_BAD_URL: 'malformed_url',
  FST_ERR_MAX_PARAM_LENGTH: 'route_not_found',
  FST_ERR_NOT_FOUND: 'route_not_found',
  // A method with a body that no route takes, such as QUERY, is asked for its type before the route is looked up.
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: 'route_not_found',
};

/** Makes every thrown value an AppError. */
export function toProblemError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? frameworkCodes[String(thrown.code)] : undefined;
  if (code !== undefined) return new AppError(code, undefined, { cause: thrown });
  // A body of broken JSON ends in the parser's own SyntaxError, to which Fastify gives a status.
  if (thrown instanceof SyntaxError && 'statusCode' in thrown && thrown.statusCode === 400) {
    return new AppError('malformed_body', undefined, { cause: thrown });
  }
  return fromDatabase(thrown) ?? new AppError('internal_error', undefined, { cause: thrown });
}
