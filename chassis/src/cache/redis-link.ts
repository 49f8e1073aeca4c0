import { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { backOffMs, pause } from '../bus/back-off.js';
import type { Logger } from '../log/logger.js';
import { createRedisMetrics, type RedisUse } from './redis-metrics.js';

/**
 * The connection to what the instances of a service share. Nothing here fails: Redis is a convenience, and whoever asks
 * gets undefined and goes on without it.
 */
export interface RedisLink {
  /** False: nothing is sent, so nobody waits. */
  readonly isUp: boolean;
  /** Undefined: not answered, in time or at all. */
  ask<R>(use: RedisUse, command: (client: Redis) => Promise<R>): Promise<{ readonly value: R } | undefined>;
  /** For a decision that was made without Redis. */
  countFallback(use: RedisUse): void;
  close(): Promise<void>;
}

export interface RedisLinkOptions {
  readonly url: string;
  /** The connection's name at the server. */
  readonly service: string;
  readonly log: Logger;
  readonly registry?: Registry;
  /** What a request waits at most, once: the first that gets no answer stops the others from asking. */
  readonly commandTimeoutMs?: number;
}

const reconnect = { firstMs: 100, longestMs: 5_000 };
const connectTimeoutMs = 2_000;
/** A connection that does not end properly is cut off then. */
const disconnectTimeoutMs = 100;
/** A server that answers with errors, e.g. because its memory is full, is told of once in this time. */
const refusalLogEveryMs = 60_000;

/** Connects in the background, and again for as long as it is not closed. */
export function openRedisLink(options: RedisLinkOptions): RedisLink {
  return new Link(options);
}

class Link implements RedisLink {
  readonly #options: RedisLinkOptions;
  readonly #metrics: ReturnType<typeof createRedisMetrics>;
  readonly #closing = new AbortController();
  readonly #done: Promise<void>;
  #client: Redis | undefined;
  #isDoubted = false;
  #wasUp: boolean | undefined;
  #refusalLoggedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: RedisLinkOptions) {
    this.#options = options;
    this.#metrics = createRedisMetrics(options.registry ?? new Registry());
    this.#done = this.#stayConnected();
  }

  get isUp(): boolean {
    return this.#client !== undefined && !this.#isDoubted;
  }

  countFallback(use: RedisUse): void {
    this.#metrics.fallbacks[use].inc();
  }

  async ask<R>(use: RedisUse, command: (client: Redis) => Promise<R>): Promise<{ readonly value: R } | undefined> {
    const client = this.#client;
    if (client !== undefined && !this.#isDoubted) {
      try {
        return { value: await command(client) };
      } catch (error) {
        this.#judge(client, error);
      }
    }
    this.countFallback(use);
    return undefined;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#done;
  }

  async #stayConnected(): Promise<void> {
    const { signal } = this.#closing;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const client = this.#newClient();
      // What went wrong is told by `error`; `connect` and `end` only say that something did.
      let cause = 'the connection ended';
      client.on('error', (error: Error) => {
        cause = error.message;
      });
      const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
      const disconnect = () => client.disconnect();
      signal.addEventListener('abort', disconnect);
      if (await connects(client)) {
        attempt = 0;
        this.#enter(client);
      } else {
        disconnect();
      }
      await ended;
      signal.removeEventListener('abort', disconnect);
      this.#leave(cause);
      await pause(backOffMs(reconnect, attempt + 1), signal);
    }
  }

  /** Reconnecting is ours: a client of the library's own is used for one connection and thrown away. */
  #newClient(): Redis {
    return new Redis(this.#options.url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      retryStrategy: () => null,
      commandTimeout: this.#options.commandTimeoutMs ?? 75,
      connectTimeout: connectTimeoutMs,
      disconnectTimeout: disconnectTimeoutMs,
      connectionName: `platen-${this.#options.service}`,
      disableClientInfo: true,
    });
  }

  #enter(client: Redis): void {
    this.#isDoubted = false;
    this.#client = client;
    this.#metrics.state.set(1);
    if (this.#wasUp !== true) this.#options.log.info('Redis answers: cache and limits are shared between instances');
    this.#wasUp = true;
  }

  #leave(reason: string): void {
    this.#client = undefined;
    this.#metrics.state.set(0);
    if (this.#closing.signal.aborted) return;
    if (this.#wasUp !== false) {
      this.#options.log.warn({ reason }, 'Redis is away: the cache misses, limits are those of this instance alone');
    }
    this.#wasUp = false;
  }

  #judge(client: Redis, error: unknown): void {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    if (name !== 'ReplyError') void this.#doubt(client);
    // Another server has become the one that takes writes.
    else if (message.startsWith('READONLY')) client.disconnect();
    // Only the text: the error itself quotes the command, and with it the value.
    else this.#logRefusal(message);
  }

  /** Nobody else waits for a server that did not answer one. It is asked once more, lest a pause of ours was the cause. */
  async #doubt(client: Redis): Promise<void> {
    if (this.#isDoubted || this.#client !== client) return;
    this.#isDoubted = true;
    try {
      await client.ping();
      if (this.#client === client) this.#isDoubted = false;
    } catch {
      client.disconnect();
    }
  }

  #logRefusal(reason: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#refusalLoggedAtMs < refusalLogEveryMs) return;
    this.#refusalLoggedAtMs = nowMs;
    this.#options.log.warn({ reason }, 'Redis refuses a command');
  }
}

const connects = (client: Redis): Promise<boolean> =>
  client.connect().then(
    () => true,
    () => false,
  );
