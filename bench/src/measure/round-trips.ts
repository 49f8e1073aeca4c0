import { connect, createServer, type Socket } from 'node:net';

export interface CountingProxy {
  /** `url` by way of the proxy. */
  through(url: string): string;
  /** Times that a client spoke after it had been answered, since the last call. */
  take(): number;
  stop(): Promise<void>;
}

/** Between a service and Postgres: counts round trips as the wire sees them. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(target);
  let roundTrips = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let clientSpoke = false;
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (!clientSpoke) roundTrips += 1;
      clientSpoke = true;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      clientSpoke = false;
      client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const ownPort = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    through: (url) => {
      const changed = new URL(url);
      changed.hostname = '127.0.0.1';
      changed.port = String(ownPort);
      return changed.toString();
    },
    take: () => {
      const counted = roundTrips;
      roundTrips = 0;
      return counted;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
