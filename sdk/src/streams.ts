import { type Attempt, type CallOptions, type CallSettings, callOnce, randomId, reasonOf } from './call-once.js';
import { type Deadline, startDeadline } from './deadline.js';
import { PlatenNetworkError } from './errors.js';
import { readLines } from './ndjson.js';
import { pieces } from './pieces.js';
import { type Route, splitInput } from './routes.js';
import type { TransportResponse } from './transport/transport.js';

/**
 * What a file can be sent from. Of a Blob (a File of a page too) and of what is in memory, a call can be tried again;
 * a stream is gone once it was read. Browsers send streams over HTTP/2 only: give them a Blob.
 */
export type FileSource = Blob | Uint8Array | string | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

export interface FormFile {
  readonly file: FileSource;
  /** A File's own when absent. */
  readonly file_name?: string | undefined;
  /** A Blob's own when absent. */
  readonly media_type?: string | undefined;
}

export interface Packing {
  /** Compresses it on the way. */
  readonly gzip?: boolean | undefined;
}

/** An answer that is no JSON. It is read once, in one of these ways, or not at all. */
export interface Download {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** As it arrives; fails with a PlatenNetworkError when it is cut. */
  readonly body: ReadableStream<Uint8Array>;
  text(): Promise<string>;
  blob(): Promise<Blob>;
}

type FormNames = Omit<FormFile, 'file'>;
type Input = Readonly<Record<string, unknown>>;

/** Slower senders are cut by the server, so that no Blob takes longer. */
const leastBytesPerMs = 8;

/** A call that sends a file, or whose answer is lines or bytes. */
export async function callStreaming(settings: CallSettings, route: Route, input: Input, options: CallOptions) {
  const { deadlineMs = settings.deadlineMs } = options;
  const { target, form } = await readInput(route, input);
  const deadline = startDeadline(deadlineMs, options.signal);
  const touch = () => deadline.extend(deadlineMs);
  const read = route.has('n') || route.has('d') ? { read: reader(route, touch) } : {};
  const accept: Record<string, string> = read.read ? { accept: route.has('n') ? 'application/x-ndjson' : '*/*' } : {};
  if (!form) {
    const sent = target.body === undefined ? {} : { body: target.body };
    return callOnce(settings, route, target, options, deadline, { ...sent, ...read, headers: accept, once: false });
  }
  const once = !(form.body instanceof Blob);
  let failed = false;
  const send = () => {
    if (failed) throw new Error('Nobody takes the rest of the file');
    touch();
  };
  const body = form.body instanceof Blob ? form.body : toStream(watched(form.body, send));
  // Whether a Blob moves on can't be seen from here.
  if (body instanceof Blob) deadline.extend(deadlineMs + body.size / leastBytesPerMs);
  const headers = { ...accept, 'content-type': form.type, ...form.headers };
  try {
    return await callOnce(settings, route, { path: target.path }, options, deadline, { body, ...read, headers, once });
  } catch (error) {
    failed = true;
    throw error;
  }
}

interface Sent {
  readonly type: string;
  readonly body: Blob | AsyncIterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where it goes, and the file that goes there. */
async function readInput(
  route: Route,
  input: Input,
): Promise<{ target: { path: string; body?: string }; form?: Sent }> {
  const isJson = route.has('j');
  if (!isJson && !route.has('c') && !route.has('f')) return { target: splitInput(route, input) };
  // What the runtime table has no types for, the contract's did.
  const { file, file_name, media_type, gzip, ...fields } = input as Input & FormFile & Packing;
  const target = splitInput(route, fields, isJson ? file === undefined : route.has('b'));
  if (!isJson) return { target, form: toBody(route, file, target.body, { file_name, media_type }) };
  const type = media_type ?? 'application/json';
  if (/[\r\n]/.test(type)) throw new TypeError('media_type is not one');
  const source = file === undefined ? new Blob([target.body ?? '']) : toSource(file);
  if (!gzip) return { target, form: { type, body: source } };
  return { target, form: { type, body: await pack(source), headers: { 'content-encoding': 'gzip' } } };
}

async function pack(source: Blob | AsyncIterable<Uint8Array>): Promise<Blob | AsyncIterable<Uint8Array>> {
  const gzip = new CompressionStream('gzip');
  if (source instanceof Blob) return new Response(source.stream().pipeThrough(gzip)).blob();
  return pieces(toStream(source).pipeThrough(gzip));
}

function toBody(route: Route, file: FileSource, fields: string | undefined, names: FormNames): Sent {
  const source = toSource(file);
  if (!route.has('f')) return { type: route.has('o') ? 'application/octet-stream' : 'text/csv', body: source };
  return toForm(source, fields === undefined ? {} : JSON.parse(fields), names);
}

const toSource = (file: FileSource): Blob | AsyncIterable<Uint8Array> => {
  if (file instanceof Blob) return file;
  if (typeof file === 'string' || file instanceof Uint8Array) return new Blob([file]);
  return 'getReader' in file ? pieces(file) : file;
};

/** RFC 7578: the fields, then the file. */
function toForm(source: Blob | AsyncIterable<Uint8Array>, fields: Input, names: FormNames) {
  const boundary = `platen-${randomId()}`;
  const blob = source instanceof Blob ? source : undefined;
  const name = names.file_name ?? (blob && 'name' in blob ? String(blob.name) : 'file');
  const mediaType = names.media_type ?? (blob?.type || 'application/octet-stream');
  if (/[\r\n]/.test(mediaType)) throw new TypeError('media_type is not one');
  const part = (attributes: string, content: string) =>
    `--${boundary}\r\ncontent-disposition: form-data; ${attributes}\r\n${content}`;
  const head = Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([field, value]) => part(`name="${quote(field)}"`, `\r\n${String(value)}\r\n`))
    .concat(part(`name="file"; filename="${quote(name)}"`, `content-type: ${mediaType}\r\n\r\n`))
    .join('');
  const tail = `\r\n--${boundary}--\r\n`;
  const type = `multipart/form-data; boundary=${boundary}`;
  return { type, body: blob ? new Blob([head, blob, tail]) : wrapped(head, source as AsyncIterable<Uint8Array>, tail) };
}

/** As HTML has it (multipart/form-data encoding algorithm). */
const quote = (text: string) => text.replace(/\r/g, '%0D').replace(/\n/g, '%0A').replace(/"/g, '%22');

async function* wrapped(head: string, source: AsyncIterable<Uint8Array>, tail: string) {
  const encoder = new TextEncoder();
  yield encoder.encode(head);
  yield* source;
  yield encoder.encode(tail);
}

async function* watched(source: AsyncIterable<Uint8Array>, touch: () => void) {
  for await (const piece of source) {
    touch();
    yield piece;
  }
}

/** ReadableStream.from is younger than the runtimes that this is for. */
function toStream(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

const reader = (route: Route, touch: () => void) => (response: TransportResponse, attempt: Attempt) => {
  touch();
  const source = response.body ? pieces(response.body) : none();
  const read = route.has('n')
    ? guarded(readLines(watched(source, touch)), attempt)
    : guarded(watched(source, touch), attempt);
  // By the flag above, the one or the other; nothing at run time tells their types apart.
  return route.has('n') ? read : download(response, read as AsyncGenerator<Uint8Array, void>);
};

async function* none(): AsyncGenerator<Uint8Array, void> {}

/** Its failures as those of any other call; at its end the deadline ends too. */
async function* guarded<T>(source: AsyncGenerator<T, void>, attempt: Attempt): AsyncGenerator<T, void> {
  const { route, deadline, correlationId }: { route: Route; deadline: Deadline; correlationId: string } = attempt;
  try {
    yield* source;
  } catch (cause) {
    if (deadline.signal.aborted) throw reasonOf(attempt, cause);
    throw new PlatenNetworkError(route.name, 'connection', correlationId, { cause });
  } finally {
    deadline.clear();
  }
}

function download({ status, headers }: TransportResponse, source: AsyncGenerator<Uint8Array, void>): Download {
  let body: ReadableStream<Uint8Array> | undefined;
  const stream = () => {
    body ??= toStream(source);
    return body;
  };
  const blob = async () => {
    const parts: Uint8Array[] = [];
    for await (const piece of pieces(stream())) parts.push(piece);
    return new Blob(parts, { type: headers.get('content-type') ?? '' });
  };
  return {
    status,
    headers,
    get body() {
      return stream();
    },
    blob,
    text: async () => (await blob()).text(),
  };
}
