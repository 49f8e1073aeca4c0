import type { Topic } from '@platen/schema/events/index';
import type { Logger } from 'pino';
import { backOffMs, pause } from './back-off.js';
import type { ConsumerObserver } from './bus.js';
import type { LaneItem, Outcome } from './key-lanes.js';
import type { Letters } from './letters.js';
import { isLeaseLost } from './letters-client.js';
import type { PullClient, PulledEvent } from './pull-client.js';
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
  readonly letters: Letters;
  run(item: LaneItem): Promise<Outcome>;
  /** The window has room again, or the lease is lost. */
  onChange(): void;
}

const ackRetry = { firstMs: 100, longestMs: 5_000 };

/** One source (database) of a topic while this consumer reads it: what is in hand, what is acknowledged. */
export class SourceReader {
  readonly window = new SourceWindow();
  readonly #options: SourceReaderOptions;
  readonly #running = new Set<Promise<void>>();
  #acking: Promise<void> | null = null;
  #lost = false;

  constructor(options: SourceReaderOptions) {
    this.#options = options;
  }

  get isLost(): boolean {
    return this.#lost;
  }

  /**
   * Does the database know less than it did, as a standby that took over without the last commits? It gives nothing twice:
   * after what it has stored, or what a pull said is in hand. Its positions mean other events now.
   */
  isSetBack(events: readonly PulledEvent[]): boolean {
    return events.some(({ position }) => BigInt(position) <= this.window.fetched);
  }

  /** What is in hand is no longer to be begun, nor acknowledged. */
  lose(): void {
    this.#lost = true;
  }

  take(events: readonly PulledEvent[]): void {
    for (const event of this.window.admit(events)) {
      const running = this.#handle(event).finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
  }

  async #handle({ key, event, position, parked }: PulledEvent): Promise<void> {
    const { topic, source, letters, observer } = this.#options;
    const isWanted = () => !this.#lost;
    const outcome = await this.#options.run({
      topic,
      key,
      event,
      get parked() {
        return parked || letters.isParked(source, key);
      },
      isWanted,
      park: (letter) => letters.park({ source, key, event, isWanted }, letter),
    });
    if (outcome.kind === 'abandoned') return;
    if (outcome.kind === 'parked') observer.parked?.(topic, event, outcome.attempts);
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
    for (let failures = 0; !this.#lost && this.window.hasUnconfirmed; ) {
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
    try {
      const { lag } = await client.ack({
        source,
        consumer,
        topic,
        owner,
        position: position.toString(),
        lease_seconds: leaseSeconds,
        ...(release ? { release } : {}),
      });
      this.window.confirm(position);
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
