import { type Readable, Transform } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { AppError, type FieldError } from './app-error.js';
import type { Upload } from './upload.js';

/** A form has a handful of short fields and one file. */
const limits = {
  fieldNameSize: 64,
  fieldSize: 4_096,
  fields: 16,
  files: 1,
  parts: 17,
  headerPairs: 16,
  headerSize: 8_192,
};

const maxFileNameLength = 255;

interface Form {
  readonly fields: Readonly<Record<string, string>>;
  readonly upload: Upload;
}

/**
 * Resolves when the file begins: fields come before it (RFC 7578 section 5.2 keeps their order), and the rest of the
 * body is the file.
 * @throws AppError malformed_body, validation_failed
 */
export function readMultipart(contentType: string, body: Readable, maxFileBytes: number): Promise<Form> {
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>();
    const parser = openParser(contentType);
    const ended = deferred();
    let file: Transform | undefined;
    const fail = (error: Error): void => {
      reject(error);
      ended.reject(error);
      file?.destroy(error);
      body.destroy(error);
    };
    body.once('error', fail);
    parser.on('error', () => fail(broken()));
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
      parser.on(limit, () => fail(broken('One file and a few fields are taken')));
    }
    parser.on('field', (name, value, nameTruncated, valueTruncated) => {
      if (file !== undefined) fail(broken('Fields come before the file'));
      else if (nameTruncated || valueTruncated) fail(refuse(name, 'too long'));
      else if (fields.has(name)) fail(refuse(name, 'given twice'));
      else fields.set(name, value);
    });
    parser.on('file', (name, stream, fileName, _encoding, mediaType) => {
      stream.on('error', () => fail(broken()));
      if (name !== 'file' || fileName?.length > maxFileNameLength) {
        stream.resume();
        fail(name === 'file' ? refuse('file_name', 'too long') : refuse(name, 'unknown field'));
        return;
      }
      file = boundedFile(maxFileBytes, ended.promise);
      file.once('close', () => body.destroy());
      stream.pipe(file);
      resolve({
        fields: Object.fromEntries(fields),
        upload: { file, whole: null, fileName: fileName || null, mediaType },
      });
    });
    parser.on('finish', () => {
      ended.resolve();
      reject(refuse('file', 'required'));
    });
    body.pipe(parser);
  });
}

function openParser(contentType: string): BusboyInstance {
  try {
    return new Busboy({ headers: { 'content-type': contentType }, limits });
  } catch {
    throw broken();
  }
}

/** Ends when the whole form has, not when the file's part has: what follows may show that it is broken. */
function boundedFile(maxBytes: number, formEnded: Promise<void>): Transform {
  let byteCount = 0;
  const file = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      byteCount += chunk.length;
      if (byteCount > maxBytes) done(new AppError('body_too_large'));
      else done(null, chunk);
    },
    flush(done) {
      formEnded.then(() => done(), done);
    },
  });
  file.on('error', () => {});
  return file;
}

function deferred() {
  let resolve = (): void => {};
  let reject = (_error: Error): void => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Nobody may be waiting when it fails.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

const broken = (detail = 'The multipart body is broken'): AppError => new AppError('malformed_body', detail);

/** A part may lack a name, whatever the library's types say. */
function refuse(name: string | undefined, message: string): AppError {
  const fields: FieldError[] = [
    { path: `/body/${(name ?? '').slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`, message },
  ];
  return new AppError('validation_failed', undefined, { fields });
}
