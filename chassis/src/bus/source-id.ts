import { createHash } from 'node:crypto';

/** The name under which consumers know a database: the same on every instance, and nothing about its key. */
export const sourceIdOf = (databaseKey: string): string =>
  createHash('sha256').update(`outbox source ${databaseKey}`).digest('base64url').slice(0, 22);
