import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Follower, followBoard } from './follow-board.js';

/** People at work, who see everything that goes wrong: nothing is tried again. */
export interface Load {
  /** What should not have happened, as it was seen. */
  readonly faults: string[];
  /** Customers by the codes that were acknowledged. */
  readonly customers: ReadonlySet<string>;
  /** Jobs and their last acknowledged versions. */
  readonly versions: ReadonlyMap<string, number>;
  readonly counts: { reads: number; writes: number; changes: number; direct: number; left: number };
  readonly followers: readonly Follower[];
  /** Ends after what is under way, and after the streams have told of the last change. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  readonly proxyPort: number;
  /** Of the data planes themselves, for who comes without a proxy. */
  readonly dataPorts: readonly number[];
  readonly host: string;
  readonly token: string;
  /** Production jobs on the board, for nobody else to change, with their versions. */
  readonly jobs: ReadonlyMap<string, number>;
  /** Of each lane, between two requests. */
  readonly pauseMs: number;
  readonly followers?: number;
  /** Begins the codes of customers. */
  readonly prefix: string;
}

/** What keeps a request from happening twice. */
type Once = Readonly<Record<'idempotency-key', string> | Record<'if-match', string>>;

interface Reply {
  readonly status: number;
  readonly closes: boolean;
  readonly json: unknown;
}

export async function startLoad(options: LoadOptions): Promise<Load> {
  const { proxyPort, dataPorts, host, token, jobs, pauseMs, prefix } = options;
  const agent = new Agent({ keepAlive: true });
  const faults: string[] = [];
  const customers = new Set<string>();
  const versions = new Map(jobs);
  const counts = { reads: 0, writes: 0, changes: 0, direct: 0, left: 0 };
  let isOver = false;
  const ids = { next: 0 };

  const head = () => ({
    host,
    authorization: `Bearer ${token}`,
    'x-correlation-id': `rolling-${prefix}-${ids.next++}`,
  });
  /** Null: it failed, which is a fault. */
  async function ask(port: number, method: string, path: string, body?: object, once?: Once): Promise<Reply | null> {
    const headers = {
      ...head(),
      ...(body && { 'content-type': 'application/json' }),
      ...once,
    };
    try {
      const reply = await send({ port, method, path, headers, agent }, body);
      if (reply.status < 300) return reply;
      faults.push(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.json)}`);
    } catch (error) {
      faults.push(`${method} ${path} at ${port === proxyPort ? 'the proxy' : 'a plane'}: ${String(error)}`);
    }
    return null;
  }
  async function repeat(work: () => Promise<void>): Promise<void> {
    for (; !isOver; await delay(pauseMs)) await work();
  }
  const list = '/api/erp/customers?limit=5';
  const reads = () =>
    repeat(async () => {
      if (await ask(proxyPort, 'GET', list)) counts.reads += 1;
    });
  const writes = () =>
    repeat(async () => {
      const code = `${prefix}-${ids.next++}`;
      if (
        !(await ask(
          proxyPort,
          'POST',
          '/api/erp/customers',
          { code, name: code },
          { 'idempotency-key': `key-of-${code}` },
        ))
      )
        return;
      customers.add(code);
      counts.writes += 1;
    });
  const changes = (id: string) =>
    repeat(async () => {
      const note = `change ${ids.next++}`;
      const once = { 'if-match': `"${versions.get(id)}"` };
      const reply = await ask(proxyPort, 'PATCH', `/api/erp/production/jobs/${id}`, { note }, once);
      if (reply === null) return;
      // The contract's answer is the job.
      versions.set(id, (reply.json as { version: number }).version);
      counts.changes += 1;
    });
  /** Who leaves for another instance when the one at hand says goodbye, as a load balancer does that asks for its readiness. */
  const direct = (first: number) => {
    let at = first;
    return repeat(async () => {
      const reply = await ask(dataPorts[at % dataPorts.length] ?? 0, 'GET', list);
      counts.direct += reply === null ? 0 : 1;
      if (reply === null || !reply.closes) return;
      at += 1;
      counts.left += 1;
    });
  };
  const followers = await Promise.all(
    Array.from({ length: options.followers ?? 2 }, () => followBoard(proxyPort, head, faults)),
  );
  const lanes = [
    reads(),
    reads(),
    writes(),
    writes(),
    ...dataPorts.map((_, i) => direct(i)),
    ...[...jobs.keys()].map(changes),
  ];
  return {
    faults,
    customers,
    versions,
    counts,
    followers,
    async stop() {
      isOver = true;
      await Promise.all(lanes);
      for (const follower of followers) await follower.sees(versions);
      for (const follower of followers) follower.close();
      agent.destroy();
    },
  };
}

function send(
  options: { port: number; method: string; path: string; headers: Record<string, string>; agent: Agent },
  body: object | undefined,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sending = request({ ...options, host: '127.0.0.1', timeout: 30_000 }, (incoming: IncomingMessage) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        text += chunk;
      });
      incoming.once('error', reject);
      incoming.once('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          closes: incoming.headers.connection === 'close',
          json: parse(text),
        }),
      );
    });
    sending.once('timeout', () => sending.destroy(new Error('no answer within 30 s')));
    sending.once('error', reject);
    sending.end(body && JSON.stringify(body));
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, 200);
  }
}
