import type { Topic } from '@platen/schema/events/index';
import type { Logger } from 'pino';
import { backOffMs, pause } from './back-off.js';
import type { ConsumerObserver } from './bus.js';
import type { LaneItem, Outcome } from './key-lanes.js';
import { type DeadLetter, isLeaseLost, type PullClient, type PulledEvent } from './pull-client.js';
import { SourceWindow } from './source-window.js';

export interface SourceReaderOptions {
  readonly source: string;
  readonly topic: Topic;
  readonly consumer: string;
  readonly owner: string;
  readonly leaseSeconds: number;
  readonly client: PullClient;
  readonly log: Logger;
  readonly observer: ConsumerObserver;
  /** Ends waits between tries of an acknowledgement. */
  readonly stopping: AbortSignal;
  run(item: LaneItem): Promise<Outcome>;
  /** The number of the last pull begun. */
  pullNumber(): number;
  /** The window has room again, or the lease is lost. */
  onChange(): void;
}

const ackRetry = { firstMs: 100, longestMs: 5_000 };
const maxLettersPerAck = 500;

/** One source (database) of a topic while this consumer reads it: what is in hand, what is acknowledged. */
export class SourceReader {
  readonly window = new SourceWindow();
  readonly #options: SourceReaderOptions;
  readonly #running = new Set<Promise<void>>();
  #letters: DeadLetter[] = [];
  /**
   * Keys parked here, with the number of the pull that was under way when the server had stored that. From the next
   * pull on the server says whether a key is still parked.
   */
  readonly #parkedKeys = new Map<string, number | null>();
  #acking: Promise<void> | null = null;
  #lost = false;

  constructor(options: SourceReaderOptions) {
    this.#options = options;
  }

  get isLost(): boolean {
    return this.#lost;
  }

  take(events: readonly PulledEvent[], pullNumber: number): void {
    for (const event of this.window.admit(events)) {
      const running = this.#handle(event, pullNumber).finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
  }

  #isParked(pulled: PulledEvent, pullNumber: number): boolean {
    const storedAt = this.#parkedKeys.get(pulled.key);
    if (storedAt === undefined) return pulled.parked;
    if (storedAt === null || storedAt >= pullNumber) return true;
    this.#parkedKeys.delete(pulled.key);
    return pulled.parked;
  }

  async #handle(pulled: PulledEvent, pullNumber: number): Promise<void> {
    const { topic, observer } = this.#options;
    const { key, event, position } = pulled;
    const parked = this.#isParked(pulled, pullNumber);
    const outcome = await this.#options.run({ topic, key, event, parked, isWanted: () => !this.#lost });
    if (outcome.kind === 'abandoned') return;
    if (outcome.kind === 'parked') {
      this.#letters.push({ position, attempts: outcome.attempts, error: outcome.error });
      this.#parkedKeys.set(key, null);
      observer.parked?.(topic, event, outcome.attempts);
    }
    this.window.settle(BigInt(position));
    this.#options.onChange();
    void this.flush();
  }

  /** Acknowledges what is settled; while one acknowledgement is under way, the next gathers. Never rejects. */
  flush(): Promise<void> {
    this.#acking ??= this.#flushAll().finally(() => {
      this.#acking = null;
    });
    return this.#acking;
  }

  async #flushAll(): Promise<void> {
    for (let failures = 0; !this.#lost && (this.window.hasUnconfirmed || this.#letters.length > 0); ) {
      const acknowledged = await this.acknowledge(false);
      failures = acknowledged ? 0 : failures + 1;
      if (failures === 0) continue;
      if (this.#options.stopping.aborted) return;
      await pause(backOffMs(ackRetry, failures), this.#options.stopping);
    }
  }

  /** One acknowledgement; it also renews the lease. False: it failed, or the lease is lost. */
  async acknowledge(release: boolean): Promise<boolean> {
    const { client, source, consumer, topic, owner, leaseSeconds, observer, log } = this.#options;
    const position = this.window.settledUpTo;
    const letters = this.#letters.slice(0, maxLettersPerAck);
    try {
      const { lag } = await client.ack({
        source,
        consumer,
        topic,
        owner,
        position: position.toString(),
        lease_seconds: leaseSeconds,
        ...(letters.length > 0 ? { dead_letters: letters } : {}),
        ...(release ? { release } : {}),
      });
      this.window.confirm(position);
      this.#letters = this.#letters.slice(letters.length);
      const pullNumber = this.#options.pullNumber();
      if (this.#letters.length === 0) for (const key of this.#parkedKeys.keys()) this.#parkedKeys.set(key, pullNumber);
      observer.lag?.(topic, source, lag);
      return true;
    } catch (error) {
      this.#lost = isLeaseLost(error);
      log.warn({ source, topic, error }, this.#lost ? 'lease lost to another owner' : 'acknowledgement failed');
      if (this.#lost) this.#options.onChange();
      return false;
    }
  }

  /** After the signal to stop: what runs is waited for, then the source is given up to others. */
  async close(): Promise<void> {
    await Promise.all(this.#running);
    await this.#acking;
    if (!this.#lost) await this.acknowledge(true);
  }
}
