import type { IncomingMessage } from 'node:http';
import { AppError } from './app-error.js';

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const hostPattern = new RegExp(`^(${label}(?:\\.${label})*)(?::\\d{1,5})?$`);
const maxHostLength = 259;

/**
 * The host a request is for, canonical: lower case, without port. Trailing dots, addresses in brackets, lists, user parts,
 * duplicates and absolute-form targets (RFC 9112 section 3.2) are refused: each has made some peer route one tenant's
 * request to another.
 * @throws AppError invalid_host
 */
export function canonicalHost(request: IncomingMessage): string {
  const host = request.headers.host;
  if (host === undefined || host.length > maxHostLength || request.url?.charCodeAt(0) !== 0x2f) throw invalidHost();
  const match = hostPattern.exec(host.toLowerCase());
  if (match === null || countHostHeaders(request.rawHeaders) !== 1) throw invalidHost();
  // The pattern has one group, which always takes part.
  return match[1] as string;
}

const invalidHost = () => new AppError('invalid_host');

/** Node keeps the first of several and drops the rest, so only the raw list shows them. */
function countHostHeaders(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}
