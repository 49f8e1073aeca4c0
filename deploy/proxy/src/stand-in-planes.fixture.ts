import { once } from 'node:events';
import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type CallOptions, call, type Reply } from '@platen/chassis/testkit/call';
import { startTestProxy, type TestProxyOptions } from './test-proxy.js';

/** What a request looked like where it came to. */
export interface Seen {
  readonly plane: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: number;
}

type Answer = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> | void;

/** A real listener in the place of a plane: what a proxy made of a request is seen in it. */
export interface StandInPlane {
  readonly port: number;
  readonly seen: Seen[];
  /** How it answers from now on; at first it says what it saw. */
  answer: Answer;
  close(): Promise<void>;
}

export async function startStandIn(plane: string): Promise<StandInPlane> {
  const standIn = { seen: [] as Seen[], answer: tell };
  const server = createServer({ keepAliveTimeout: 65_000 }, (incoming, outgoing) => {
    void standIn.answer(incoming, outgoing);
  });
  async function tell(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    let bytes = 0;
    for await (const chunk of incoming) bytes += (chunk as Buffer).length;
    const { method = '', url = '', headers } = incoming;
    const seen = { plane, method, url, headers, bytes };
    standIn.seen.push(seen);
    outgoing.setHeader('content-type', 'application/json');
    outgoing.end(JSON.stringify(seen));
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(standIn, {
    // Of a listener at an address and a port, it is an AddressInfo.
    port: (server.address() as AddressInfo).port,
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  });
}

export async function startStandIns(
  t: { teardown(work: () => Promise<void>): void },
  options: Partial<Omit<TestProxyOptions, 'controlPorts' | 'dataPorts'>> = {},
) {
  const [control, first, second] = await Promise.all(['control', 'data', 'data 2'].map(startStandIn));
  if (!control || !first || !second) throw new Error('no stand-ins');
  // Nothing is sent to the second one but what the first one failed at; that one is tried each time.
  const lines = `server 127.0.0.1:${first.port} max_fails=0; server 127.0.0.1:${second.port} backup;`;
  const proxy = await startTestProxy({
    controlPorts: [control.port],
    dataPorts: [first.port],
    ...options,
    variables: { PROXY_DATA_SERVERS: lines, ...options.variables },
  });
  const agent = new Agent({ keepAlive: true });
  t.teardown(async () => {
    agent.destroy();
    await proxy.stop();
    await Promise.all([control, first, second].map((standIn) => standIn.close()));
  });
  return { control, first, second, proxy, agent };
}

/** To a tenant's host; the path goes as it is. */
export function send(
  port: number,
  method: string,
  path: string,
  { headers, body, agent }: Pick<CallOptions, 'headers' | 'body' | 'agent'> = {},
): Promise<Reply> {
  const length = body !== undefined && { 'content-length': Buffer.byteLength(body) };
  return call(`http://127.0.0.1:${port}`, {
    method,
    path,
    headers: { host: 'acme.example.com', ...length, ...headers },
    body,
    agent,
  });
}

/** As it is, over a connection of its own: what was answered until the connection ended, in whichever way. */
export async function sendBytes(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(bytes);
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return text;
}
