import { connect, isIP, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

export interface Sockets {
  readonly open: ISocketFactory;
  /** Ends those that are open, and each one that is asked for from now on. */
  closeAll(): void;
}

const keepAliveMs = 60_000;

/**
 * The sockets of one client of kafkajs. It waits for the answers of a broker that is there and says nothing, without end
 * where it is closing: who will not wait takes its sockets away.
 */
export function trackSockets(): Sockets {
  const opened = new Set<Socket>();
  let closed = false;
  return {
    open({ host, port, ssl, onConnect }) {
      if (closed) return refused();
      const name = isIP(host) === 0 ? { servername: host } : {};
      // kafkajs hands over null where there is no TLS, whatever its types say.
      const secure = ssl as typeof ssl | null;
      const socket = secure
        ? connectTls({ host, port, ...name, ...secure }, onConnect)
        : connect({ host, port }, onConnect);
      opened.add(socket);
      socket.once('close', () => opened.delete(socket));
      return socket.setKeepAlive(true, keepAliveMs);
    },
    closeAll() {
      closed = true;
      for (const socket of opened) socket.destroy(new Error('closed by this process'));
    },
  };
}

function refused(): Socket {
  const socket = new Socket();
  setImmediate(() => socket.destroy(new Error('this client is closed')));
  return socket;
}
