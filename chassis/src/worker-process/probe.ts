import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Lag } from './worker-metrics.js';

export interface Probe {
  readonly port: number;
  stop(): Promise<void>;
}

/** GET /health and GET /metrics and nothing else, on loopback unless told otherwise: this process serves nobody. */
export async function startProbe(options: {
  readonly host: string;
  readonly port: number;
  readonly lag: () => readonly Lag[];
  readonly registry: Registry;
}): Promise<Probe> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch(() => response.destroy());
  });
  server.requestTimeout = 5_000;
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return {
    // Listening on TCP, so the address is no path of a pipe.
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  { method, url }: IncomingMessage,
  response: ServerResponse,
  { lag, registry }: Parameters<typeof startProbe>[0],
): Promise<void> {
  const path = method === 'GET' ? url : undefined;
  if (path === '/metrics') {
    response.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' });
    response.end(await registry.metrics());
    return;
  }
  const found = path === '/health';
  response.writeHead(found ? 200 : 404, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(found ? JSON.stringify({ status: 'ok', lag: lag() }) : '{}');
}
