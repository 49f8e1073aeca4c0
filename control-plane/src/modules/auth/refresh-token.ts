import { createHash, createHmac, type KeyObject, randomBytes } from 'node:crypto';

/** The session's id and 256 bits, both base64url: who has the token knows which successor it will have. */
const tokenPattern = /^[\w-]{65}$/;
const idLength = 22;

const encodeId = (sessionId: string): string => Buffer.from(sessionId.replaceAll('-', ''), 'hex').toString('base64url');

/** 256 random bits, for a session. */
export const newRefreshToken = (sessionId: string): string =>
  encodeId(sessionId) + randomBytes(32).toString('base64url');

/** Stored in place of the token. It has 256 random bits, so a plain hash needs no salt and no stretching. */
export const hashRefreshToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/**
 * The one token that may follow: derived, not drawn, so that two tabs which use the same token at once get the same next
 * one and the chain cannot fork. Without the key nobody derives it from a token they have seen.
 */
export const successorOf = (key: KeyObject, sessionId: string, token: string): string =>
  encodeId(sessionId) + createHmac('sha256', key).update(sessionId).update(token).digest('base64url');

export const isRefreshToken = (text: string): boolean => tokenPattern.test(text);

/** The session that a token says it is of; only the database knows whether there is such a token. */
export function sessionIdOf(token: string): string {
  const hex = Buffer.from(token.slice(0, idLength), 'base64url').toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
