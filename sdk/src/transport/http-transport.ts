import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import type { Transport, TransportRequest, TransportResponse } from './transport.js';

export interface HttpTransportOptions {
  /** An answer read as a whole past this size is cut off and fails; 64 MiB when absent. Streams have no limit. */
  readonly maxResponseBytes?: number;
  /** Connections kept to one host; 64 when absent. */
  readonly maxSockets?: number;
  /** A certificate authority to trust beside none other, PEM. */
  readonly ca?: string;
  /** Reads what a 302 of a GET leads to, as fetch does; the link gets nothing of this client's, neither cookie nor token. */
  readonly followsLinks?: boolean;
  /** Called before a request leaves and when its answer's head is there: where a cookie jar fits. */
  readonly onRequest?: (url: URL, request: TransportRequest) => Promise<void> | void;
  readonly onResponse?: (url: URL, setCookie: readonly string[]) => Promise<void> | void;
}

export interface HttpTransport extends Transport {
  /** Closes the connections. Idle ones do not keep a process alive, so this is for tidy ends. */
  close(): void;
}

/** RFC 6761 section 6.3: `localhost` and every name below it is this machine, whatever a resolver would say. */
export const lookupLocalhost: LookupFunction = (hostname, options, callback) => {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  if (name !== 'localhost' && !name.endsWith('.localhost')) {
    systemLookup(hostname, options, callback);
    return;
  }
  const here: LookupAddress = { address: '127.0.0.1', family: 4 };
  if (options.all) callback(null, [here]);
  else callback(null, here.address, here.family);
};

export function createHttpTransport(options: HttpTransportOptions = {}): HttpTransport {
  const { maxResponseBytes = 64 * 1024 * 1024, maxSockets = 64 } = options;
  const agentOptions = { keepAlive: true, maxSockets, lookup: lookupLocalhost };
  const agents = {
    'http:': new http.Agent(agentOptions),
    'https:': new https.Agent({ ...agentOptions, ...(options.ca ? { ca: options.ca } : {}) }),
  };

  const transport: Transport = async (url, request) => {
    const target = new URL(url);
    const { method } = request;
    const outgoing = { ...request, headers: { ...request.headers } };
    await options.onRequest?.(target, outgoing);
    const answer = await exchange(target, outgoing, agents);
    await options.onResponse?.(target, answer.headers['set-cookie'] ?? []);
    const link = options.followsLinks ? linkOf(answer, target, method) : null;
    if (link === null) return toResponse(answer, maxResponseBytes);
    answer.resume();
    const { signal } = request;
    return toResponse(await exchange(link, { method, headers: {}, signal }, agents), maxResponseBytes);
  };
  return Object.assign(transport, {
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  });
}

/** Where the storage hands bytes out itself. One step: what that leads to is an answer like any other. */
function linkOf({ statusCode, headers }: http.IncomingMessage, target: URL, method: string): URL | null {
  if (statusCode !== 302 || method !== 'GET' || headers.location === undefined) return null;
  const link = URL.canParse(headers.location, target.href) ? new URL(headers.location, target.href) : null;
  return link && (link.protocol === 'https:' || link.protocol === 'http:') ? link : null;
}

type NodeStream = Parameters<typeof Readable.fromWeb>[0];

function exchange(
  target: URL,
  request: TransportRequest,
  agents: { 'http:': http.Agent; 'https:': https.Agent },
): Promise<http.IncomingMessage> {
  const { method, headers, body, signal } = request;
  if (typeof body === 'string') headers['content-length'] = String(Buffer.byteLength(body));
  else if (body instanceof Blob) headers['content-length'] = String(body.size);
  const secure = target.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const outgoing = (secure ? https : http).request(
      target,
      { method, headers, signal, agent: agents[secure ? 'https:' : 'http:'] },
      (answer) => {
        // An answer that is over before the body is: the rest of it would be for nobody.
        answer.once('end', () => {
          if (!outgoing.writableEnded) outgoing.destroy();
        });
        resolve(answer);
      },
    );
    outgoing.on('error', reject);
    if (body === undefined || typeof body === 'string') outgoing.end(body);
    // Both names are the WHATWG stream; Node declares its own copy of the type.
    else pipeline(Readable.fromWeb((body instanceof Blob ? body.stream() : body) as NodeStream), outgoing, () => {});
  });
}

function toResponse(answer: http.IncomingMessage, maxBytes: number): TransportResponse {
  let stream: ReadableStream<Uint8Array> | undefined;
  return {
    status: answer.statusCode ?? 0,
    headers: {
      get(name) {
        const value = answer.headers[name];
        return value === undefined ? null : String(value);
      },
    },
    get body() {
      // Both names are the WHATWG stream; Node declares its own copy of the type.
      stream ??= Readable.toWeb(answer) as ReadableStream<Uint8Array>;
      return stream;
    },
    async text() {
      const chunks: Buffer[] = [];
      for await (const chunk of limited(answer, maxBytes)) chunks.push(chunk);
      return Buffer.concat(chunks).toString('utf8');
    },
  };
}

/** Leaving this loop early, by the throw too, destroys the answer and its socket. */
async function* limited(answer: http.IncomingMessage, maxBytes: number): AsyncGenerator<Buffer, void> {
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new RangeError(`The answer is larger than ${maxBytes} bytes`);
    yield chunk;
  }
}
