import { stackInSources } from './source-places.js';

const removed = '[redacted]';
/** Bounds the work on one line; what lies deeper is cut, not searched. */
const maxDepth = 8;

/** Names of values that never reach a log. `idempotency_key` and `database_key` are names of things, not secrets. */
const secretName =
  /pass(word|wd|phrase)?$|token|authorization|cookie|secret|credential|(api|private|signing|encryption|access)[_-]?key$|^key$|hash$|^totp|^otp$|connection_?string|^jwt$/i;
/** A JWT, a bearer credential, the password of a URL, or `password=…` inside a text. */
const secretText =
  /eyJ[\w-]{4,}\.[\w-]{4,}\.[\w-]*|\bBearer\s+[\w.~+/-]+=*|(?<=:\/\/[^\s:@/]{0,64}:)[^\s@/]{1,256}(?=@)|(?<=\b(?:password|secret|token)["']?[=:]\s?["']?)[^\s"',;&]+/gi;

/** A copy without secrets: by the names of members, and by their look inside texts. Errors become plain objects with their causes. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= maxDepth) return '[deep]';
  if (value instanceof Error) return describeError(value, depth);
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    copy[name] = member !== null && secretName.test(name) ? removed : redact(member, depth + 1);
  }
  return copy;
}

const redactText = (text: string): string => (text.length > 8 ? text.replace(secretText, removed) : text);

/** Only these members of an error are safe: a Postgres error's `detail` and `where` quote rows. */
const errorMembers = [
  'sqlstate',
  'statement',

  'code',
  'severity',
  'constraint',
  'table',
  'column',
  'routine',
  'syscall',
  'address',
  'port',
] as const;

function describeError(error: Error, depth: number): Record<string, unknown> {
  const described: Record<string, unknown> = { name: error.name, message: redactText(error.message) };
  for (const member of errorMembers) {
    const value = (error as Error & Partial<Record<(typeof errorMembers)[number], unknown>>)[member];
    if (typeof value === 'string' || typeof value === 'number') described[member] = value;
  }
  const stack = stackInSources(error);
  if (stack !== undefined) described['stack'] = redactText(stack);
  if (error instanceof AggregateError) described['errors'] = error.errors.map((item) => redact(item, depth + 1));
  if (error.cause !== undefined) described['cause'] = redact(error.cause, depth + 1);
  return described;
}
