import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { AppError } from './app-error.js';
import { matchesNone } from './etag.js';

/** What a contract with `download` answers. */
export interface DownloadParts {
  readonly byteSize: number;
  readonly mediaType: string;
  readonly contentDisposition: string;
  /** Strong: equal bytes, equal tag. In quotes. */
  readonly etag: string;
  /** Where the storage hands the bytes out itself, for as long as the link serves; null: `open` gives them. */
  readonly location: string | null;
  /** The bytes, from the first to the last of these. */
  open(range: { readonly start: number; readonly end: number } | undefined): Promise<Readable>;
}

export class Download {
  readonly parts: DownloadParts;
  constructor(parts: DownloadParts) {
    this.parts = parts;
  }
}

/**
 * Bytes that strangers made. Whatever they are, a browser stores them or shows them as a picture, and runs nothing: no
 * guessing of types, no scripts, no page of another origin that embeds them.
 */
const distrust = {
  'content-security-policy': "sandbox; default-src 'none'",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'private, no-store',
} as const;

/** @throws AppError range_not_satisfiable */
export async function sendDownload(reply: FastifyReply, { parts }: Download): Promise<void> {
  const { headers } = reply.request;
  const { byteSize, etag } = parts;
  reply.headers(distrust).header('etag', etag);
  if (!matchesNone(headers['if-none-match'], etag)) {
    reply.code(304).send();
    return;
  }
  if (parts.location !== null) {
    reply.code(302).header('location', parts.location).send();
    return;
  }
  const ifRange = headers['if-range'];
  const range = ifRange === undefined || ifRange === etag ? parseRange(headers.range, byteSize) : undefined;
  if (range === null) {
    reply.header('content-range', `bytes */${byteSize}`);
    throw new AppError('range_not_satisfiable');
  }
  const body = await parts.open(range);
  reply
    .type(parts.mediaType)
    .header('accept-ranges', 'bytes')
    .header('content-disposition', parts.contentDisposition)
    .header('content-length', range === undefined ? byteSize : range.end - range.start + 1);
  if (range !== undefined) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${byteSize}`);
  reply.send(body);
}

/**
 * One range (RFC 9110 section 14.1.2). Undefined: none, several or none that can be read, so all of it is sent, which is
 * always right; null: one that lies beyond the end.
 */
export function parseRange(
  header: string | undefined,
  byteSize: number,
): { readonly start: number; readonly end: number } | undefined | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (!match) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') {
    if (last === '') return undefined;
    const suffix = Math.min(Number(last), byteSize);
    return suffix === 0 ? null : { start: byteSize - suffix, end: byteSize - 1 };
  }
  const start = Number(first);
  const end = last === '' ? byteSize - 1 : Math.min(Number(last), byteSize - 1);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= byteSize ? null : { start, end };
}
