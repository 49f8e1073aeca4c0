import { createHash } from 'node:crypto';
import { AppError } from './app-error.js';

export const etagOf = (version: number): string => `"${version}"`;

/** For what has no version: equal text, equal tag. */
export const contentEtag = (text: string): string => `"${createHash('sha256').update(text).digest('base64url')}"`;

/**
 * The version of `If-Match`, or null for none and for `*`.
 * @throws AppError invalid_if_match; version_mismatch for a well-formed tag that no answer ever had (a weak one never
 *   matches: RFC 9110 section 13.1.1)
 */
export function parseIfMatch(header: string | undefined): number | null {
  if (header === undefined || header.trim() === '*') return null;
  const text = header.trim();
  const version = /^"([1-9]\d{0,8})"$/.exec(text);
  if (version) return Number(version[1]);
  if (/^(?:W\/)?"[\x21\x23-\x7e]{0,128}"$/.test(text)) throw new AppError('version_mismatch');
  throw new AppError('invalid_if_match', 'Send one entity tag in quotes, as an ETag header gave it');
}

/** If-None-Match compares weakly (RFC 9110 section 13.1.2). */
export function matchesNone(header: string | undefined, etag: string): boolean {
  if (header === undefined) return true;
  if (header.trim() === '*') return false;
  return !header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
