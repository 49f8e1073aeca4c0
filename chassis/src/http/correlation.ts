const pattern = /^[A-Za-z0-9._-]{8,128}$/;

export const isCorrelationId = (value: unknown): value is string => typeof value === 'string' && pattern.test(value);

const traceparentPattern = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** W3C Trace Context; anything else is as if it were not sent. */
export const readTraceparent = (value: unknown): string | null =>
  typeof value === 'string' && traceparentPattern.test(value) ? value : null;
