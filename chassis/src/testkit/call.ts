import { type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface CallOptions {
  readonly method?: string;
  /** As it goes over the wire: the path of an address is normalised, this one is not. */
  readonly path?: string;
  readonly headers?: Readonly<OutgoingHttpHeaders>;
  readonly body?: Buffer | string | undefined;
  readonly agent?: Agent | undefined;
}

/** One request with a Host that need not resolve; without an agent on a connection of its own. */
export function call(url: string, { body, agent, ...options }: CallOptions = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ...options, agent: agent ?? false }, (incoming) => {
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
    outgoing.end(body);
  });
}
