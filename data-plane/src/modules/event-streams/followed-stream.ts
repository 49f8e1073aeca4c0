import { once } from 'node:events';
import { type EventSink, formatEvent } from '@platen/chassis/http/event-stream';
import type { HiddenPositions } from '@platen/chassis/http/hidden-positions';
import { resetEventType } from '@platen/schema/contracts/shapes';
import type { EventChannel, Follower, FormatEvents } from './event-channel.js';
import type { EventPage } from './list-events.js';

/** How a stream reads by itself, and whom it joins when it has nothing more to read. */
export interface StreamReader {
  readonly format: FormatEvents;
  read(after: bigint): Promise<EventPage>;
  channelAt(position: bigint): EventChannel;
}

/** One stream from where its reader was: first by pages of its own, then with all others of its context. */
export class FollowedStream {
  readonly #reader: StreamReader;
  readonly #isReset: boolean;
  readonly #hide: HiddenPositions['hide'];
  readonly #follower: Follower;
  #sink: EventSink | null = null;

  constructor(parts: {
    readonly reader: StreamReader;
    readonly position: bigint;
    readonly isReset: boolean;
    readonly hide: HiddenPositions['hide'];
  }) {
    this.#reader = parts.reader;
    this.#isReset = parts.isReset;
    this.#hide = parts.hide;
    this.#follower = { position: parts.position, send: (text) => this.#sink?.send(text) ?? false };
  }

  /** Everything up to here was sent, or is none of this reader's. As the reader may see it. */
  get shownPosition(): string {
    return this.#hide(this.#follower.position);
  }

  async run(sink: EventSink): Promise<void> {
    this.#sink = sink;
    if (this.#isReset) {
      const id = this.shownPosition;
      sink.send(formatEvent({ id, type: resetEventType, data: JSON.stringify({ position: id }) }));
    }
    const channel = await this.#catchUp(sink);
    if (channel === null) return;
    try {
      sink.send(':live\n\n');
      // What came between the last page and here has told nobody, if nobody was there to hear it.
      channel.wake();
      if (!sink.closed.aborted) await once(sink.closed, 'abort');
    } finally {
      channel.leave(this.#follower);
    }
  }

  /** The channel that it is in now; null: the stream ended before. */
  async #catchUp(sink: EventSink): Promise<EventChannel | null> {
    while (!sink.closed.aborted) {
      const { events, position, isLast } = await this.#reader.read(this.#follower.position);
      if (events.length > 0 && !sink.send(this.#reader.format(events))) return null;
      this.#follower.position = position;
      const channel = isLast ? this.#reader.channelAt(position) : null;
      if (channel?.join(this.#follower)) return channel;
      await sink.drained();
    }
    return null;
  }
}
