import { createHash, createHmac, type KeyObject, randomBytes } from 'node:crypto';

const tokenPattern = /^[\w-]{43}$/;

/** 256 bits, base64url. */
export const newRefreshToken = (): string => randomBytes(32).toString('base64url');

/** Stored in place of the token. It has 256 random bits, so a plain hash needs no salt and no stretching. */
export const hashRefreshToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/**
 * The one token that may follow: derived, not drawn, so that two tabs which use the same token at once get the same next
 * one and the chain cannot fork. Without the key nobody derives it from a token they have seen.
 */
export const successorOf = (key: KeyObject, sessionId: string, token: string): string =>
  createHmac('sha256', key).update(sessionId).update(token).digest('base64url');

export const isRefreshToken = (text: string): boolean => tokenPattern.test(text);
