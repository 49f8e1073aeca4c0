/**
 * The one error table: code → HTTP status and title (RFC 9457 `title`: the same for every occurrence of the code).
 * Services throw a code; only the error handler turns it into a response.
 */
export const errors = {
  // 400: the request itself is malformed
  validation_failed: { status: 400, title: 'The request does not match the contract' },
  malformed_body: { status: 400, title: 'The body is not valid JSON' },
  correlation_id_required: { status: 400, title: 'X-Correlation-Id is missing or malformed' },
  invalid_host: { status: 400, title: 'The Host header is malformed' },
  invalid_cursor: { status: 400, title: 'The cursor was not issued for this list' },
  invalid_idempotency_key: { status: 400, title: 'Idempotency-Key is malformed' },
  invalid_if_match: { status: 400, title: 'If-Match is malformed' },
  malformed_url: { status: 400, title: 'The URL is malformed' },
  // 401: who are you
  authentication_required: { status: 401, title: 'Sign in first' },
  token_invalid: { status: 401, title: 'The token is not valid here' },
  token_expired: { status: 401, title: 'The token has expired' },
  token_stale: { status: 401, title: 'Permissions have changed since the token was issued' },
  token_revoked: { status: 401, title: 'The session of this token has ended' },
  token_tenant_mismatch: { status: 401, title: 'The token belongs to another tenant' },
  invalid_credentials: { status: 401, title: 'E-mail or password is wrong' },
  refresh_invalid: { status: 401, title: 'The refresh token is not valid; sign in again' },
  invalid_client: { status: 401, title: 'Client id or secret is wrong' },
  // 403: not you, not here
  permission_denied: { status: 403, title: 'A permission is missing' },
  module_unavailable: { status: 403, title: "A module is not part of this tenant's plan" },
  context_required: { status: 403, title: 'Choose an organization first' },
  context_not_allowed: { status: 403, title: 'No access to this organization or workspace' },
  workspace_required: { status: 403, title: 'This organization requires a workspace' },
  tenant_suspended: { status: 403, title: 'This tenant is suspended' },
  origin_not_allowed: { status: 403, title: "The Origin header is not one of this tenant's own" },
  grant_exceeds_own: { status: 403, title: 'Nobody can grant what they do not hold' },
  insufficient_scope: { status: 403, title: 'The service token lacks a scope' },
  // 404, 405, 410
  not_found: { status: 404, title: 'Not found' },
  route_not_found: { status: 404, title: 'No such endpoint' },
  tenant_not_found: { status: 404, title: 'No tenant at this host' },
  feature_disabled: { status: 404, title: 'This feature is switched off in this installation' },
  feed_gone: { status: 410, title: 'The position is past retention; load a snapshot' },
  // 409, 412: somebody or something was there first
  illegal_transition: { status: 409, title: 'The document is not in a state that allows this' },
  duplicate: { status: 409, title: 'This already exists' },
  idempotency_in_flight: { status: 409, title: 'A request with this Idempotency-Key is still running' },
  last_admin: { status: 409, title: 'The last tenant administrator stays' },
  lease_lost: { status: 409, title: 'The lease belongs to another consumer' },
  conflict: { status: 409, title: 'Another change came first; read again and retry' },
  version_mismatch: { status: 412, title: 'The document has changed since it was read' },
  // 413, 415
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'Only application/json is taken here' },
  // 422: a rule of the domain says no
  idempotency_key_reused: { status: 422, title: 'This Idempotency-Key was used with another request' },
  unknown_reference: { status: 422, title: 'The request names something that does not exist' },
  category_cycle: { status: 422, title: 'A category cannot lie within itself' },
  currency_mismatch: { status: 422, title: 'Currencies differ' },
  price_unavailable: { status: 422, title: 'No price can be given' },
  amount_out_of_range: { status: 422, title: 'An amount is out of range' },
  quote_expired: { status: 422, title: 'The quote is past its validity' },
  customer_email_missing: { status: 422, title: 'The customer has no e-mail address' },
  payment_exceeds_balance: { status: 422, title: 'The payment exceeds what is due' },
  refund_exceeds_paid: { status: 422, title: 'The refund exceeds what was paid' },
  // 429, 503: later, with Retry-After
  rate_limited: { status: 429, title: 'Too many requests' },
  sign_in_busy: { status: 429, title: 'Too many sign-ins at once' },
  database_unavailable: { status: 503, title: 'The database of this tenant is away' },
  schema_behind: { status: 503, title: 'The database of this tenant awaits a migration' },
  draining: { status: 503, title: 'This instance is shutting down' },
  not_ready: { status: 503, title: 'This instance is not ready' },
  dependency_unavailable: { status: 503, title: 'Something this needs is away' },
  // 500: ours
  internal_error: { status: 500, title: 'Something failed on our side' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errors;
