import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';

export interface RawRequest {
  readonly method?: string;
  /** The request target as it goes over the wire; nothing is encoded or normalised. */
  readonly path: string;
  /** `acme` for `acme.localhost`; a text with a dot or a colon is sent as it is. */
  readonly host: string;
  /** Sent in this order; undefined: not sent. Names may repeat in `rawHeaders` only. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** An object is sent as JSON. */
  readonly body?: unknown;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
}

export type SendRaw = (request: RawRequest) => Promise<RawAnswer>;

let counter = 0;
export const correlationId = (): string => `acceptance-${process.pid}-${++counter}`;

/** A client that sends exactly what it is told, over kept connections. A correlation id is added unless one is given as undefined. */
export function createCaller(port: number): { readonly send: SendRaw; readonly close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const send: SendRaw = ({ method = 'GET', path, host, headers = {}, body }) => {
    const text = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const all: Record<string, string | undefined> = {
      host: /[.:]/.test(host) ? host : `${host}.localhost:${port}`,
      'x-correlation-id': correlationId(),
      ...(text !== undefined && {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(text)),
      }),
      ...headers,
    };
    const sent = Object.fromEntries(Object.entries(all).filter((entry) => entry[1] !== undefined));
    return new Promise((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, agent, method, path, headers: sent }, (incoming) => {
        const chunks: Buffer[] = [];
        const answered = () => answerOf(incoming.statusCode ?? 0, incoming.headers, Buffer.concat(chunks));
        incoming.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          // A stream has no end: the answer is what it began with.
          if (!isStream(incoming) || !Buffer.concat(chunks).includes(':live\n\n')) return;
          resolve(answered());
          outgoing.destroy();
        });
        incoming.once('error', reject);
        incoming.once('end', () => resolve(answered()));
      });
      // A server may answer before it has read a body that is too large.
      outgoing.once('error', reject);
      outgoing.end(text);
    });
  };
  return { send, close: () => agent.destroy() };
}

const isStream = ({ headers }: IncomingMessage): boolean =>
  headers['content-type']?.startsWith('text/event-stream') === true;

function answerOf(status: number, headers: IncomingHttpHeaders, bytes: Buffer): RawAnswer {
  const text = bytes.toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status, headers, text, json };
}

/** Bytes over a socket of their own, for what no HTTP client would send. */
export function sendBytes(port: number, bytes: string): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('error', reject);
    socket.once('close', () => resolve(parseAnswer(Buffer.concat(chunks))));
  });
}

/** Callers send `Connection: close` and our own servers give a length, so that this is the whole grammar needed. */
function parseAnswer(bytes: Buffer): RawAnswer {
  const [head = '', ...rest] = bytes.toString('utf8').split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return answerOf(Number(statusLine.split(' ')[1] ?? 0), headers, Buffer.from(rest.join('\r\n\r\n')));
}
