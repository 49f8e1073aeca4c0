/** On every answer. Contracts' answers are private; what may be cached says so itself. */
export const securityHeaders = (production: boolean): Readonly<Record<string, string>> => ({
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  // One year (RFC 6797); plain-HTTP development must not be locked out of its own host.
  ...(production ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
});
