import { type Agent, request } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agent?: Agent;
}

/** One request with a Host that need not resolve; without an agent on a connection of its own. */
export function call(url: string, options: CallOptions = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', agent = false } = options;
    const outgoing = request(url, { method, agent, headers: { ...options.headers } }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    outgoing.once('error', reject);
    outgoing.end(options.body);
  });
}

/** What every request of a browser or the SDK has. */
export const plainHeaders = (host: string): Record<string, string> => ({
  host,
  'x-correlation-id': 'bench-0123456789',
});

export const jsonHeaders = (host: string): Record<string, string> => ({
  ...plainHeaders(host),
  'content-type': 'application/json',
});
