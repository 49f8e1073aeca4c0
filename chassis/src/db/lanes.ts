import { Circuit } from './circuit.js';
import { LeasedLane } from './leased-lane.js';
import { PipelinedLane } from './pipelined-lane.js';
import type { WireOptions } from './wire/wire.js';

/** How long things may take. */
export interface Deadlines {
  /** Pipelined lane: reads by index only come this way; what takes longer belongs into the leased lane. Default 250. */
  readonly pipelinedTimeoutMs?: number;
  /** Leased lane. Also how long a black-holed server can hold a caller, and half a second. Default 2000. */
  readonly statementTimeoutMs?: number;
  readonly lockTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** How long a unit of work may wait for a connection. */
  readonly waitTimeoutMs?: number;
  /** How long a unit of work may hold a connection. */
  readonly leaseTimeoutMs?: number;
}

export interface DatabaseOptions extends Deadlines {
  /** The catalogue's key: for metrics and `application_name`. */
  readonly name: string;
  readonly url: string;
  /** Connections of both lanes together. */
  readonly poolSize: number;
  /** Connections of the pipelined lane, of `poolSize`. Default 2. */
  readonly pipelined?: number;
  /** Part of the leased lane that one tenant may hold while others wait, 0 to 1. Default 0.5. */
  readonly perTenantShare?: number;
  /** Units of work that may wait; beyond, 503 at once. */
  readonly maxWaiting?: number;
}

const sweepEveryMs = 200;
const idleTimeoutMs = 60_000;

export interface Lanes {
  readonly circuit: Circuit;
  readonly pipelined: PipelinedLane;
  readonly leased: LeasedLane;
  close(): Promise<void>;
}

function sessionSettings(statementTimeoutMs: number, options: DatabaseOptions): Record<string, string> {
  return {
    statement_timeout: String(statementTimeoutMs),
    lock_timeout: String(Math.min(statementTimeoutMs, options.lockTimeoutMs ?? 1_000)),
    idle_in_transaction_session_timeout: String(options.leaseTimeoutMs ?? 10_000),
    // A server whose client is gone stops working for it and frees its locks.
    client_connection_check_interval: '1000',
    TimeZone: 'UTC',
    DateStyle: 'ISO',
    // Compiling pays for analytics, not for statements of milliseconds.
    jit: 'off',
  };
}

export function openLanes(options: DatabaseOptions): Lanes {
  const pipelinedTimeoutMs = options.pipelinedTimeoutMs ?? 250;
  const statementTimeoutMs = options.statementTimeoutMs ?? 2_000;
  const pipelinedConnections = Math.min(options.pipelined ?? 2, options.poolSize - 1);
  const leasedConnections = options.poolSize - pipelinedConnections;
  if (leasedConnections < 1 || (pipelinedConnections < 1 && options.pipelined !== 0))
    throw new RangeError(`database "${options.name}": the pool is too small`);
  const maxWaiting = options.maxWaiting ?? 1_000;
  const waitTimeoutMs = options.waitTimeoutMs ?? 2_000;
  const share = options.perTenantShare ?? 0.5;
  const wireOptions = (timeoutMs: number, stallTimeoutMs: number): WireOptions => ({
    url: options.url,
    applicationName: `platen ${options.name}`,
    connectTimeoutMs: options.connectTimeoutMs ?? 1_000,
    stallTimeoutMs,
    settings: sessionSettings(timeoutMs, options),
  });
  const queueing = { maxWaiting, maxWaitingPerTenant: Math.max(1, Math.ceil(maxWaiting * share)), waitTimeoutMs };
  const circuit = new Circuit();
  const pipelined = new PipelinedLane(
    {
      ...queueing,
      connections: pipelinedConnections,
      depth: 32,
      wire: wireOptions(pipelinedTimeoutMs, pipelinedTimeoutMs + 1_250),
    },
    circuit,
  );
  const leased = new LeasedLane(
    {
      ...queueing,
      connections: leasedConnections,
      perTenant: Math.max(1, Math.floor(leasedConnections * share)),
      leaseTimeoutMs: options.leaseTimeoutMs ?? 10_000,
      idleTimeoutMs,
      wire: wireOptions(statementTimeoutMs, statementTimeoutMs + 500),
    },
    circuit,
  );
  let sweptAt = performance.now();
  const sweep = setInterval(() => {
    const now = performance.now();
    const late = now - sweptAt > 3 * sweepEveryMs;
    sweptAt = now;
    // This process itself stood still: answers may lie in the sockets, unread until this callback returns.
    if (late) return;
    const stalled = [pipelined.sweep(now), leased.sweep(now)];
    if (!stalled.includes(true)) return;
    pipelined.dropIdle();
    leased.dropIdle();
  }, sweepEveryMs);
  sweep.unref();
  return {
    circuit,
    pipelined,
    leased,
    close: async () => {
      await Promise.all([pipelined.close(), leased.close()]);
      clearInterval(sweep);
    },
  };
}
