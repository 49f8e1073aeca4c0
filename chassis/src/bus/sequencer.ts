import pg from 'pg';
import type { Logger } from 'pino';
import { backOffMs, pause } from './back-off.js';
import { channel, ensureCounter, givePositions, tryLock } from './sequencer-sql.js';

export interface SequencerOptions {
  /** The system role's: it alone may set positions. */
  readonly url: string;
  /** For the log and `application_name`; never the address. */
  readonly name: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Rows a batch. */
  readonly batchSize?: number;
  /** Wait after rows were found; doubled up to `idlePollMs` while there are none. */
  readonly activePollMs?: number;
  readonly idlePollMs?: number;
  /** How often an instance that does not hold the lock asks for it: the time to take over from one that died. */
  readonly standbyPollMs?: number;
}

export interface Sequencer {
  /** Does this instance give the positions now? */
  readonly isHolder: boolean;
  /** Is there a connection that hears of new positions? */
  readonly isListening: boolean;
  /** Calls back for every batch that got positions, from whichever instance; and once after each reconnection. */
  onPositions(listener: PositionListener): () => void;
  stop(): Promise<void>;
}

/** What the events of a batch are of, whose, and their last position. null: that is not known, so it may be anything, or anybody's. */
export type PositionListener = (
  topics: ReadonlySet<string> | null,
  tenantIds: ReadonlySet<string> | null,
  last: bigint | null,
) => void;

const queryTimeoutMs = 10_000;
const reconnect = { firstMs: 100, longestMs: 5_000 };
/** A holder whose machine vanished keeps the lock until the server finds out: some 11 s with these. */
const sessionSettings =
  '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=11000 -c jit=off';

/**
 * One per instance and database. All of them listen; the one that holds the session's advisory lock gives positions.
 * Lock and statements share a session, so that an instance which has lost the one cannot go on with the other.
 */
export function startSequencer(options: SequencerOptions): Sequencer {
  const stopping = new AbortController();
  const listeners = new Set<PositionListener>();
  const state = { isHolder: false, isListening: false };
  const tell: PositionListener = (topics, tenantIds, last) => {
    for (const listener of listeners) listener(topics, tenantIds, last);
  };

  async function serve(): Promise<void> {
    const client = new pg.Client({
      connectionString: options.url,
      application_name: `platen sequencer ${options.name}`,
      connectionTimeoutMillis: 5_000,
      query_timeout: queryTimeoutMs,
      keepAlive: true,
      options: sessionSettings,
    });
    const lost = new AbortController();
    // Without a listener a lost connection would end the process. Queries of a lost connection reject by themselves.
    client.on('error', () => lost.abort());
    client.on('end', () => lost.abort());
    client.on('notification', ({ payload = '' }) => {
      const [last = '', topics = '', tenantIds = '*'] = payload.split(' ');
      tell(new Set(topics.split(',')), tenantIds === '*' ? null : new Set(tenantIds.split(',')), BigInt(last));
    });
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
      state.isListening = true;
      tell(null, null, null);
      const ends = AbortSignal.any([lost.signal, stopping.signal]);
      await awaitLock(client, ends);
      if (state.isHolder) await sequence(client, ends);
      if (lost.signal.aborted) throw new Error('connection lost');
    } finally {
      state.isHolder = false;
      state.isListening = false;
      // Closing the session frees the lock. A black-holed socket is not waited for.
      await Promise.race([client.end().catch(() => undefined), pause(1_000, lost.signal)]);
    }
  }

  async function awaitLock(client: pg.Client, ends: AbortSignal): Promise<void> {
    const standbyPollMs = options.standbyPollMs ?? 500;
    while (!ends.aborted) {
      const { rows } = await client.query<{ held: boolean }>(tryLock);
      if (rows[0]?.held) {
        await client.query(ensureCounter);
        state.isHolder = true;
        options.log.info({ database: options.name }, 'sequencing the outbox');
        return;
      }
      await pause(standbyPollMs * (0.5 + Math.random()), ends);
    }
  }

  async function sequence(client: pg.Client, ends: AbortSignal): Promise<void> {
    const { batchSize = 1_000, activePollMs = 5, idlePollMs = 100 } = options;
    let waitMs = activePollMs;
    while (!ends.aborted) {
      const { rows } = await client.query<{ count: number }>({
        name: 'give positions',
        text: givePositions,
        values: [batchSize],
      });
      const count = rows[0]?.count ?? 0;
      waitMs = count > 0 ? activePollMs : Math.min(idlePollMs, waitMs * 2);
      if (count < batchSize) await pause(waitMs, ends);
    }
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const startedMs = performance.now();
      try {
        await serve();
      } catch (error) {
        if (stopping.signal.aborted) return;
        failures = performance.now() - startedMs > reconnect.longestMs ? 1 : failures + 1;
        options.log.warn({ database: options.name, error, failures }, 'the outbox session failed; connecting again');
        await pause(backOffMs(reconnect, failures), stopping.signal);
      }
    }
  }

  const ended = run();
  return {
    get isHolder() {
      return state.isHolder;
    },
    get isListening() {
      return state.isListening;
    },
    onPositions(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
