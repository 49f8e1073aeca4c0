import { createHash, randomBytes } from 'node:crypto';

/** The secret of a mailed link: 256 bits, base64url. */
export const newLinkToken = (): string => randomBytes(32).toString('base64url');

/** Stored in its place: with 256 random bits a plain hash needs no salt and no stretching. */
export const hashLinkToken = (token: string): string => createHash('sha256').update(token).digest('hex');

export const linkTtlMs = 3_600_000;
