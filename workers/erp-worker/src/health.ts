import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Lag {
  readonly topic: string;
  /** Opaque id of a database; with Kafka a partition. */
  readonly source: string;
  readonly events: number;
}

export interface HealthProbe {
  readonly port: number;
  stop(): Promise<void>;
}

/** GET /health on loopback and nothing else: this process serves nobody. */
export async function startHealthProbe(options: {
  readonly port: number;
  readonly lag: () => readonly Lag[];
}): Promise<HealthProbe> {
  const server = createServer((request, response) => {
    const found = request.method === 'GET' && request.url === '/health';
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(found ? JSON.stringify({ status: 'ok', lag: options.lag() }) : '{}');
  });
  server.requestTimeout = 5_000;
  server.listen(options.port, '127.0.0.1');
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
