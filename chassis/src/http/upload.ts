import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { UploadSpec } from '@platen/schema/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from './app-error.js';
import { readMultipart } from './multipart.js';
import { isShort, readWhole, WholeUpload } from './whole-upload.js';

/** What a handler gets of a file that is still arriving. */
export interface Upload {
  /**
   * The bytes. Ends only after a complete body; fails with an AppError when it is cut, too large, too slow or broken,
   * so whoever wrote something of it must clean up. Not read to its end, it is dropped with the answer.
   */
  readonly file: Readable;
  /** The same bytes where they are few and here: whoever takes these leaves `file` alone. null: they are still arriving. */
  readonly whole: Buffer | null;
  /** As the client calls it, without folders; null with a body that is the file. Never a name to store it under. */
  readonly fileName: string | null;
  /** As the client says, which proves nothing. */
  readonly mediaType: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Of routes whose contract has an `upload`. */
    upload: Upload | null;
  }
}

/** Boundaries, part headers and text fields around a file. */
const multipartOverheadBytes = 64 * 1024;

/** What unpacks to more than this many times its size is no file of anybody's. Of small ones nobody asks. */
const maxUnpackedRatio = 100;
const unpackedFreelyBytes = 256 * 1024;

/** In a scope of its own: no other route shares this parser, and this one takes nothing else. */
export function addUploadParser(
  scope: FastifyInstance,
  { mediaType, also = {}, maxBytes, encodings }: UploadSpec,
): void {
  scope.removeAllContentTypeParsers();
  const isMultipart = mediaType === 'multipart/form-data';
  const mediaTypes: string[] = [mediaType, ...Object.keys(also)];
  type Done = (error: Error | null, body?: unknown) => void;
  scope.addContentTypeParser(mediaTypes, (request: FastifyRequest, raw: IncomingMessage, done: Done) => {
    const isPacked = requireReadable(request, isMultipart, encodings);
    const contentType = request.headers['content-type'] ?? '';
    if (isMultipart) {
      const body = openBody(scope, request, raw, maxBytes + multipartOverheadBytes);
      readMultipart(contentType, body, maxBytes).then(({ fields, upload }) => {
        request.upload = upload;
        done(null, fields);
      }, done);
    } else if (!isPacked && isShort(raw, maxBytes)) {
      const take = (whole: Buffer): void => {
        request.upload = new WholeUpload(whole, essenceOf(contentType));
        done(null);
      };
      readWhole(raw, scope.arrivals, take, (reason) => done(reason ?? cutShort()));
    } else {
      const body = openBody(scope, request, raw, maxBytes);
      const file = isPacked ? unpack(body, maxBytes) : body;
      request.upload = { file, whole: null, fileName: null, mediaType: essenceOf(contentType) };
      done(null);
    }
  });
  scope.addContentTypeParser('*', async () => {
    throw notTaken({ mediaType, also });
  });
}

/** Says what is: whoever sends a file rarely knows that there was a choice. */
export const notTaken = ({ mediaType, also = {} }: Pick<UploadSpec, 'mediaType' | 'also'>): AppError =>
  new AppError('unsupported_media_type', `Send the body as ${[mediaType, ...Object.keys(also)].join(' or ')}`);

/** Without parameters: the parser was chosen by it, so it is one of those that the endpoint takes. */
const essenceOf = (contentType: string): string => (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();

export const cutShort = (): AppError => new AppError('malformed_body', 'The body ended before it was complete');

/**
 * In no other charset, and compressed only where that is undone: it would be stored as something it is not. True: it is
 * compressed.
 */
function requireReadable(
  { headers }: FastifyRequest,
  isMultipart: boolean,
  encodings: readonly string[] | undefined,
): boolean {
  const encoding = (headers['content-encoding'] ?? 'identity').toLowerCase();
  const isPacked = encodings?.includes(encoding) === true;
  if (!isPacked && encoding !== 'identity') {
    const taken = encodings === undefined ? 'without a content encoding' : `plain or as ${encodings.join()}`;
    throw new AppError('unsupported_media_type', `Send the body ${taken}`);
  }
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1];
  if (!isMultipart && charset !== undefined && charset.toLowerCase() !== 'utf-8') {
    throw new AppError('unsupported_media_type', 'Send text in UTF-8');
  }
  return isPacked;
}

/** The body, counted while it arrives. Whatever ends it early ends it with the reason. */
function openBody(scope: FastifyInstance, request: FastifyRequest, raw: IncomingMessage, maxBytes: number): Readable {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) throw new AppError('body_too_large');
  let byteCount = 0;
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      byteCount += chunk.length;
      if (byteCount > maxBytes) done(new AppError('body_too_large'));
      else done(null, chunk);
    },
  });
  const cut = () => body.destroy(cutShort());
  raw.once('aborted', cut).once('error', cut);
  // An error that comes when nobody listens any more must not end the process.
  body.on('error', () => {});
  body.once('close', () => {
    // What still comes is read and thrown away, so that the client gets to the answer; its time is limited.
    raw.unpipe(body);
    raw.resume();
  });
  scope.arrivals.streams(raw, (reason) => body.destroy(reason));
  raw.pipe(body);
  return body;
}

/** Counted as it comes out, so that a bomb goes off no further than one piece past its limit. */
function unpack(body: Readable, maxBytes: number): Readable {
  const gunzip = createGunzip();
  let byteCount = 0;
  const unpacked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      byteCount += chunk.length;
      const allowed = Math.min(maxBytes, Math.max(unpackedFreelyBytes, maxUnpackedRatio * gunzip.bytesWritten));
      if (byteCount > allowed) done(new AppError('body_too_large'));
      else done(null, chunk);
    },
  });
  body.once('error', (error) => unpacked.destroy(error));
  gunzip.once('error', () => unpacked.destroy(new AppError('malformed_body', 'The body is not whole in gzip')));
  // An error that comes when nobody listens any more must not end the process.
  unpacked.on('error', () => {});
  unpacked.once('close', () => {
    gunzip.destroy();
    body.destroy();
  });
  body.pipe(gunzip).pipe(unpacked);
  return unpacked;
}
