import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Test } from 'tap';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
export type Answer = (request: Received, response: ServerResponse) => void;

/** A real server that answers as the test says, by `METHOD /path`; each list is used up but for its last answer. */
export async function startFaultyServer(t: Test, answers: Record<string, readonly Answer[]>) {
  const received: Received[] = [];
  const counts = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    const entry = { method, path: url, headers, body: await text(request) };
    received.push(entry);
    const key = `${method} ${url.split('?', 1)[0]}`;
    const list = answers[key] ?? [problem(404, 'route_not_found')];
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    list[Math.min(count, list.length - 1)]?.(entry, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // listening on TCP
  return {
    received,
    /** How many requests came for `METHOD /path`. */
    count: (key: string) => counts.get(key) ?? 0,
    origin: (host = 'acme.localhost') => `http://${host}:${port}`,
  };
}

export const json =
  (value: unknown, status = 200, headers: Record<string, string | string[]> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(status === 204 ? undefined : JSON.stringify(value));
  };

export const problem =
  (status: number, code: string, headers: Record<string, string> = {}, members: object = {}): Answer =>
  ({ headers: sent }, response) => {
    response.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
    response.end(
      JSON.stringify({
        type: 'about:blank',
        title: code,
        status,
        code,
        correlation_id: sent['x-correlation-id'],
        ...members,
      }),
    );
  };

/** The head and half of the body, then a reset. */
export const resetMidAnswer: Answer = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"id":"0193', () => response.socket?.resetAndDestroy());
};

export const neverAnswer: Answer = () => {};

export const id = (n: number) => `01930000-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** What sign-in, refresh and switch answer. */
export const session = (expiresAtMs = Date.now() + 900_000) => ({
  user: { id: id(1), email: 'sales@acme.test', name: 'Sam' },
  tenant: { id: id(2), slug: 'acme', name: 'Acme' },
  context: { organization_id: null, workspace_id: null },
  permissions: [],
  expires_at: new Date(expiresAtMs).toISOString(),
});
