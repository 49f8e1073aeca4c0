import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server that a test can make a black hole of: connections stand, and are accepted, and carry nothing. */
export interface TcpProxy {
  readonly port: number;
  swallow(): void;
  /** Carries what comes from now on; what was swallowed is lost, as are the connections it was sent on. */
  heal(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  let swallows = false;
  const sockets = new Set<Socket>();
  const lost = new Set<Socket>();
  const carry = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on('data', (chunk) => {
      if (swallows) lost.add(from).add(to);
      else to.write(chunk);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    carry(client, target);
    carry(target, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // Of a listener at an address and a port, it is an AddressInfo.
    port: (server.address() as AddressInfo).port,
    swallow() {
      swallows = true;
    },
    heal() {
      swallows = false;
      for (const socket of lost) socket.destroy();
      lost.clear();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
