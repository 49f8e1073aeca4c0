import type { Readable } from 'node:stream';
import { AppError } from '@platen/chassis/http/app-error';

/** An object as the storage has it. */
export interface StoredObject {
  readonly key: string;
  readonly byteSize: number;
  readonly modifiedAt: Date;
}

/** What was counted and computed while the bytes went by. */
export interface WrittenObject {
  readonly byteSize: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** First and last byte, both included, as in an HTTP Range (RFC 9110 section 14). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** How a browser shall take what it gets from the storage itself. */
export interface SignedUrlOptions {
  readonly contentDisposition: string;
  readonly mediaType: string;
  readonly ttlSeconds: number;
}

/**
 * Where bytes lie, under keys made by us: lower-case segments between slashes, the tenant's id first.
 * A storage that is away or full is `dependency_unavailable`; an error of the body being read is thrown as it is.
 */
export interface StorageProvider {
  readonly kind: 'local' | 's3';
  /** All of the body or nothing: the object is there when this resolves, and no part of it when this rejects. */
  put(key: string, body: Readable, mediaType: string): Promise<WrittenObject>;
  /** Undefined: no such object. A range must lie within it. */
  get(key: string, range?: ByteRange): Promise<Readable | undefined>;
  stat(key: string): Promise<StoredObject | undefined>;
  /** One that is not there is deleted already. */
  delete(key: string): Promise<void>;
  /** A short-lived link to the object itself; null where the bytes have to go through us. */
  signedUrl(key: string, options: SignedUrlOptions): Promise<string | null>;
  /** Everything under a prefix that ends with a slash; the empty prefix is everything there is. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** How many went. The empty prefix is refused. */
  deletePrefix(prefix: string): Promise<number>;
  /** What uploads left behind that were cut off before this moment by the end of their process. How many went. */
  deleteUnfinished(before: Date): Promise<number>;
  close(): Promise<void>;
}

const keyPattern = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/;
const maxKeyLength = 512;

/** No segment begins with a dot, so none leads upwards. @throws Error: a key that we did not make */
export function requireKey(key: string): string {
  if (key.length > maxKeyLength || !keyPattern.test(key)) throw new Error('Not a key of the storage');
  return key;
}

/** @throws Error */
export function requirePrefix(prefix: string): string {
  if (!prefix.endsWith('/')) throw new Error('A prefix of the storage ends with a slash');
  requireKey(prefix.slice(0, -1));
  return prefix;
}

export const storageAway = (cause: unknown): AppError =>
  new AppError('dependency_unavailable', 'The file storage is away or full', { cause, retryAfterSeconds: 5 });

/** Runs one step of the storage's own. */
export async function orAway<R>(step: Promise<R>): Promise<R> {
  try {
    return await step;
  } catch (error) {
    throw storageAway(error);
  }
}
