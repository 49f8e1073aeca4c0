import type { FastifyReply } from 'fastify';
import { AppError } from './app-error.js';
import type { EventStream } from './event-stream.js';
import type { Exchange } from './exchange.js';
import { OpenStream } from './open-stream.js';

/** Times in milliseconds. */
export interface EventStreamSettings {
  /** A stream that says nothing gets a comment so often: proxies and readers take silence for the end. */
  readonly heartbeatMs: number;
  /** How often to look for what is due: heartbeats, tokens at their end, readers that are stuck. */
  readonly tickMs: number;
  /** How long a reader may take nothing of what waits for it. */
  readonly stuckMs: number;
  /** What may wait for one reader, in our memory; the system's own buffers come on top. */
  readonly maxPendingBytes: number;
  /** Open at once. */
  readonly perPrincipal: number;
  readonly perTenant: number;
}

const defaults: EventStreamSettings = {
  heartbeatMs: 15_000,
  tickMs: 1_000,
  stuckMs: 30_000,
  maxPendingBytes: 256 * 1024,
  perPrincipal: 64,
  perTenant: 512,
};

/** Where no reason to hurry or to wait is known. */
const usualRetryMs = 2_000;
/** Its reader needs a new token and nothing else. */
const expiredRetryMs = 200;
/** Another instance takes over: spread, so that it does not get all of them in one moment. */
const drainRetryMs = { least: 250, spread: 2_000 };
const drainRetry = (): number => drainRetryMs.least + Math.random() * drainRetryMs.spread;

interface Entry {
  readonly stream: OpenStream;
  readonly exchange: Exchange;
  readonly position: () => string | null;
  /** When the guard was last asked, by `performance.now()`. */
  checkedAtMs: number;
}

/** The event streams that a listener holds open: one timer for all of them. */
export class EventStreams {
  readonly #settings: EventStreamSettings;
  readonly #clock: () => number;
  readonly #finish: (exchange: Exchange, status: number) => void;
  readonly #open = new Set<Entry>();
  readonly #counts = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #checking = false;

  /** `finish` is called when a stream is over. */
  constructor(
    settings: Partial<EventStreamSettings>,
    clock: () => number,
    finish: (exchange: Exchange, status: number) => void,
  ) {
    this.#settings = { ...defaults, ...settings };
    this.#clock = clock;
    this.#finish = finish;
  }

  get count(): number {
    return this.#open.size;
  }

  /**
   * From here on the answer is the stream's.
   * @throws AppError busy, and whatever the guard refuses by now
   */
  start(reply: FastifyReply, exchange: Exchange, { run, position }: EventStream): void {
    const keys = [`${exchange.tenantId}`, `${exchange.tenantId} ${exchange.principal?.id ?? exchange.ip}`] as const;
    const { perTenant, perPrincipal, maxPendingBytes } = this.#settings;
    if (this.#countOf(keys[0]) >= perTenant || this.#countOf(keys[1]) >= perPrincipal) {
      throw new AppError('busy', 'Too many event streams are open', { retryAfterSeconds: 5 });
    }
    // What changed while the stream was prepared was told to those that were open.
    const asked = exchange.guardAgain?.(this.#clock());
    for (const key of keys) this.#counts.set(key, this.#countOf(key) + 1);
    reply.hijack();
    exchange.isStreaming = true;
    const { raw } = reply;
    const stream = new OpenStream(raw, maxPendingBytes, () => this.#forget(entry, keys));
    const entry: Entry = { stream, exchange, position, checkedAtMs: performance.now() };
    this.#open.add(entry);
    asked?.catch(() => stream.end(usualRetryMs));
    this.#timer ??= setInterval(() => this.#tick(), this.#settings.tickMs).unref();
    for (const [name, value] of Object.entries(reply.headers(headers).getHeaders())) {
      if (value !== undefined) raw.setHeader(name, value);
    }
    raw.writeHead(200);
    // A refusal would end it for good: browsers do not come back from one.
    if (reply.server.isClosing) {
      stream.end(drainRetry());
      return;
    }
    stream.send(`retry: ${usualRetryMs}\n\n`);
    run(stream)
      .catch((error: unknown) => exchange.log.warn({ error }, 'an event stream failed'))
      .finally(() => stream.end(usualRetryMs));
  }

  /** Something changed about who may do what: whoever may no longer read is sent away. In the next turn, once for all changes of this one. */
  checkSoon(): void {
    if (this.#checking || this.#open.size === 0) return;
    this.#checking = true;
    setImmediate(() => {
      this.#checking = false;
      const nowMs = this.#clock();
      for (const entry of this.#open) this.#check(entry, nowMs);
    });
  }

  /** Sends everybody to another instance. */
  drain(): void {
    for (const { stream } of this.#open) stream.end(drainRetry());
  }

  #tick(): void {
    const nowMs = this.#clock();
    const sinceMs = performance.now();
    const { heartbeatMs, stuckMs } = this.#settings;
    for (const entry of this.#open) {
      const { stream, exchange, position } = entry;
      if (stream.stuckMs(sinceMs) > stuckMs) stream.cut();
      else if (exchange.expiresAtMs !== null && nowMs >= exchange.expiresAtMs) stream.end(expiredRetryMs);
      else {
        // What changes with time alone, such as the end of a trial, is seen here, also where there is never silence.
        if (sinceMs - entry.checkedAtMs >= heartbeatMs) this.#check(entry, nowMs);
        if (sinceMs - stream.sentAtMs < heartbeatMs) continue;
        const id = position();
        stream.send(id === null ? ':\n\n' : `:\nid: ${id}\n\n`);
      }
    }
  }

  #check(entry: Entry, nowMs: number): void {
    const { stream, exchange } = entry;
    const refuse = (): void => stream.end(usualRetryMs);
    entry.checkedAtMs = performance.now();
    try {
      exchange.guardAgain?.(nowMs)?.catch(refuse);
    } catch {
      refuse();
    }
  }

  #forget(entry: Entry, keys: readonly string[]): void {
    this.#open.delete(entry);
    for (const key of keys) {
      const left = this.#countOf(key) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    }
    if (this.#open.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.#finish(entry.exchange, 200);
  }

  #countOf(key: string): number {
    return this.#counts.get(key) ?? 0;
  }
}

/** What is between us and the reader must neither keep nor gather nor change what is in it. */
const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  // It lasts for minutes, and where it ends the server may be closing.
  connection: 'close',
};
