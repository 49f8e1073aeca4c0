import type { Topic } from '@platen/schema/events/index';
import type { Batch } from 'kafkajs';
import type { Logger } from 'pino';
import type { ConsumerObserver } from '../bus.js';
import type { LaneItem, Outcome } from '../key-lanes.js';
import type { Letters } from '../letters.js';
import { SourceWindow } from '../source-window.js';
import type { Membership } from './membership.js';
import { type RelayedEvent, readMessage } from './read-message.js';

export interface PartitionReaderOptions {
  readonly topic: Topic;
  readonly partition: number;
  /** Events in hand, above which no more are fetched. */
  readonly windowSize: number;
  /** The topic's. */
  readonly letters: Letters;
  readonly log: Logger;
  readonly observer: ConsumerObserver;
  run(item: LaneItem): Promise<Outcome>;
  /** Whether this process is a member of its group; without it, that is never in doubt. */
  readonly membership?: Pick<Membership, 'doubt'>;
  /** Something has been settled. */
  onSettled(reader: PartitionReader): void;
}

/** One partition of a topic while it is this consumer's: what is in hand, what may be committed. Positions are offsets to go on at. */
export class PartitionReader {
  readonly window = new SourceWindow();
  readonly options: PartitionReaderOptions;
  isPaused = false;
  readonly #running = new Set<Promise<void>>();
  #lost = false;
  #committed: bigint | null = null;
  #isFirst = false;
  /** No batch begins before this. A commit does not move it: after a rebalance, where to go on may have been asked for before. */
  #next: bigint | null = null;
  #end = 0n;

  constructor(options: PartitionReaderOptions) {
    this.options = options;
  }

  get isFull(): boolean {
    return this.window.size >= this.options.windowSize;
  }
  get hasRoom(): boolean {
    return this.window.size <= this.options.windowSize / 2;
  }

  /** It is this consumer's, still or anew: reading goes on at what was committed before, or at what is committed meanwhile. */
  assigned(): void {
    this.#next = this.#committed;
    this.#isFirst = true;
  }

  /**
   * Has the partition been set back: by hand, by a topic that was made anew, by a broker that crashed and forgot? Its
   * offsets may mean other events than those here: better one twice than one passed over.
   */
  isSetBack({ messages: [first] }: Pick<Batch, 'messages'>): boolean {
    return first !== undefined && this.#next !== null && BigInt(first.offset) < this.#next;
  }

  /**
   * Has another consumer committed more than we did, while we were no member? The first batch begins at what is committed,
   * and what is in hand here has been handled there.
   */
  isOvertaken({ messages: [first] }: Pick<Batch, 'messages'>): boolean {
    return this.#isFirst && first !== undefined && this.#committed !== null && BigInt(first.offset) > this.#committed;
  }

  take({ messages, highWatermark }: Pick<Batch, 'messages' | 'highWatermark'>): void {
    this.#isFirst = false;
    this.#committed ??= BigInt(messages[0]?.offset ?? 0);
    const last = messages.at(-1);
    if (last) this.#next = BigInt(last.offset) + 1n;
    this.sawEnd(BigInt(highWatermark));
    const offered = messages.map((message) => ({ message, position: (BigInt(message.offset) + 1n).toString() }));
    for (const { message, position } of this.window.admit(offered)) {
      const running = this.#handle(readMessage(this.options.topic, message), BigInt(position));
      this.#running.add(running);
      void running.finally(() => this.#running.delete(running));
    }
  }

  async #handle(read: RelayedEvent | string, position: bigint): Promise<void> {
    const { topic, partition, observer, log } = this.options;
    if (typeof read === 'string') {
      log.error({ topic, partition, offset: String(position - 1n), reason: read }, 'message skipped: no event of ours');
      observer.skipped?.(topic, String(partition));
    } else {
      const outcome = await this.#run(read);
      if (outcome.kind === 'abandoned') return;
      if (outcome.kind === 'parked') observer.parked?.(topic, read.event, outcome.attempts);
    }
    this.window.settle(position);
    this.options.onSettled(this);
  }

  async #run({ source, key, event }: RelayedEvent): Promise<Outcome> {
    const { topic, letters, run, membership } = this.options;
    // Nothing of a source is handled before it is known which of its keys are parked; in one order, whether it is or not.
    if (!(await letters.load(source))) return { kind: 'abandoned' };
    const isWanted = () => !this.#lost;
    return run({
      topic,
      key,
      event,
      get parked() {
        return letters.isParked(source, key);
      },
      isWanted,
      get doubt() {
        return membership?.doubt ?? null;
      },
      park: (letter) => letters.park({ source, key, event, isWanted }, letter),
    });
  }

  /** The offset after the last message of the partition. */
  sawEnd(end: bigint): void {
    this.#end = end;
    this.#reportLag();
  }

  /** The broker has stored this. */
  confirm(position: bigint): void {
    this.window.confirm(position);
    if (this.#committed === null || position > this.#committed) this.#committed = position;
    this.#reportLag();
  }

  #reportLag(): void {
    const { topic, partition, observer } = this.options;
    const behind = this.#end - (this.#committed ?? this.#end);
    observer.lag?.(topic, String(partition), behind > 0n ? Number(behind) : 0);
  }

  /** The partition is another consumer's, or about to be: what has not begun is left to that one. */
  lose(): void {
    const { topic, partition, observer } = this.options;
    this.#lost = true;
    observer.lag?.(topic, String(partition), 0);
  }

  /** Resolves when nothing that was in hand is under way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }
}
