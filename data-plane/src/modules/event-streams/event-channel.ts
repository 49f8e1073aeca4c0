import { formatEvent, type OutgoingEvent } from '@platen/chassis/http/event-stream';
import type { HiddenPositions } from '@platen/chassis/http/hidden-positions';
import type { Logger } from '@platen/chassis/log/logger';
import type { EventPage } from './list-events.js';

/** A stream that has caught up. */
export interface Follower {
  /** It has everything up to here. */
  position: bigint;
  /** False: it is over. */
  send(text: string): boolean;
}

export interface ChannelOptions {
  readonly log: Logger;
  readonly format: FormatEvents;
  /** Everything that has come up to here is not this channel's. */
  readonly position: bigint;
  readonly read: (after: bigint) => Promise<EventPage>;
  /** The same with more time: after a failure, when there may be much between. */
  readonly readSlowly: (after: bigint) => Promise<EventPage>;
  /** Called when the last follower has left. */
  readonly onEmpty: () => void;
  /** Default: four times a minute. */
  readonly lookAgainMs?: number;
}

/** Notifications can be lost with their connection, and a database that was away tells nobody. */
const lookAgainMs = { healthy: 15_000, failing: 1_000 };

/**
 * One reader for all streams of one context: the same events, read once and written as text once. It reads when it is
 * told that there is something, and now and then without being told.
 */
export class EventChannel {
  readonly #options: ChannelOptions;
  readonly #followers = new Set<Follower>();
  #position: bigint;
  #isReading = false;
  #isWoken = false;
  #isFailing = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#position = options.position;
  }

  /**
   * False: the channel is further than the stream, which has to catch up first. Once it is in, whatever the channel reads
   * next comes to it, and what it has already is left out: no gap, nothing twice.
   */
  join(follower: Follower): boolean {
    if (this.#position > follower.position) return false;
    this.#followers.add(follower);
    return true;
  }

  leave(follower: Follower): void {
    if (!this.#followers.delete(follower) || this.#followers.size > 0) return;
    clearTimeout(this.#timer);
    this.#options.onEmpty();
  }

  /** There may be something new. Never waits, never fails. */
  wake(): void {
    this.#isWoken = true;
    if (this.#isReading) return;
    this.#isReading = true;
    void this.#readAll().finally(() => {
      this.#isReading = false;
      this.#lookAgain();
    });
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#isWoken && this.#followers.size > 0) {
        this.#isWoken = false;
        const { read, readSlowly } = this.#options;
        const page = await (this.#isFailing ? readSlowly : read)(this.#position);
        this.#isWoken ||= !page.isLast;
        this.#position = page.position;
        this.#deliver(page);
      }
      if (this.#isFailing) this.#options.log.info('event streams can be read again');
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#options.log.warn({ error }, 'event streams cannot be read');
      this.#isFailing = true;
    }
  }

  #lookAgain(): void {
    clearTimeout(this.#timer);
    if (this.#followers.size === 0) return;
    const waitMs = this.#isFailing ? lookAgainMs.failing : (this.#options.lookAgainMs ?? lookAgainMs.healthy);
    // Half to one and a half: what failed together does not come back together.
    this.#timer = setTimeout(() => this.wake(), waitMs * (0.5 + Math.random())).unref();
  }

  #deliver({ events, position }: EventPage): void {
    const [first] = events;
    const { format } = this.#options;
    const text = format(events);
    for (const follower of this.#followers) {
      if (first !== undefined) {
        const isBehind = follower.position < BigInt(first.id);
        const rest = isBehind ? text : format(events.filter(({ id }) => BigInt(id) > follower.position));
        if (rest !== '' && !follower.send(rest)) continue;
      }
      if (position > follower.position) follower.position = position;
    }
  }
}

export type FormatEvents = (events: readonly OutgoingEvent[]) => string;

/** Events by their positions, as their readers may see them. */
export const formatWith =
  ({ hide }: HiddenPositions): FormatEvents =>
  (events) =>
    events.map((event) => formatEvent({ ...event, id: hide(BigInt(event.id)) })).join('');
