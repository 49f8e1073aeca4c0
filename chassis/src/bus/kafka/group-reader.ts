import { type Topic, topicNames } from '@platen/schema/events/index';
import type { Batch, IMemberAssignment } from 'kafkajs';
import type { Logger } from 'pino';
import { backOffMs, holdFor, pause } from '../back-off.js';
import type { ConsumerObserver } from '../bus.js';
import type { LaneItem, Outcome } from '../key-lanes.js';
import { Letters } from '../letters.js';
import type { LettersClient } from '../letters-client.js';
import { isNoMember, Membership } from './membership.js';
import { PartitionReader } from './partition-reader.js';
import { openSession, type Session } from './session.js';
import type { KafkaPlaceSettings } from './settings.js';

export interface GroupReaderOptions {
  readonly kafka: KafkaPlaceSettings;
  readonly letters: LettersClient;
  readonly consumer: string;
  readonly groupId: string;
  readonly topics: readonly Topic[];
  readonly sessionMs: number;
  readonly windowSize: number;
  readonly log: Logger;
  readonly observer: ConsumerObserver;
  readonly stopping: AbortSignal;
  run(item: LaneItem): Promise<Outcome>;
}

const sessionRetry = { firstMs: 200, longestMs: 5_000 };
/** So long, and the next failure is a new one. */
const steadyMs = 30_000;
const commitRetry = { firstMs: 100, longestMs: 2_000 };
/** A commit is a write of the broker's: those of so long go together. */
const commitEveryMs = 50;
const endsEveryMs = 5_000;

/** Reads the partitions that its group gives to this consumer, through as many sessions as it takes. */
export class GroupReader {
  readonly #options: GroupReaderOptions;
  readonly #letters: ReadonlyMap<Topic, Letters>;
  readonly #membership: Membership;
  readonly #readers = new Map<string, PartitionReader>();
  /** Of partitions that are others' now, while something of them is still under way. */
  readonly #leaving = new Set<PartitionReader>();
  #session: Session | null = null;
  #flushing: Promise<void> | null = null;
  /** Aborted when the last commit is there, or not waited for any more. */
  readonly #committing = new AbortController();
  readonly #sessions: Promise<void>;
  readonly #watch: NodeJS.Timeout;

  constructor(options: GroupReaderOptions) {
    this.#options = options;
    this.#membership = new Membership(options.stopping);
    const { consumer, topics, letters: client, log, stopping } = options;
    this.#letters = new Map(
      topics.map((topic) => [topic, new Letters({ client, consumer, topic, log, stopping })] as const),
    );
    this.#sessions = this.#keepSession();
    this.#watch = setInterval(() => void this.#readEnds(), endsEveryMs).unref();
  }

  /** To be called once it is stopping: resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.all([...this.#readers.values(), ...this.#leaving].map((reader) => reader.settled()));
  }

  /**
   * Commits what is settled and leaves the group, each if it can be done in time, and one of them for `eachMs` at least. In
   * the middle of a rebalance both wait for its end, if need be until `endsAtMs`: what is not committed comes again to
   * somebody else, and to go without a word would cost the others a session's time, and those who leave meanwhile the same
   * again.
   */
  async leave({ eachMs, endsAtMs }: { readonly eachMs: number; readonly endsAtMs: number }): Promise<void> {
    clearInterval(this.#watch);
    const nowMs = performance.now();
    const leftBy = Math.min(nowMs + this.#options.sessionMs, endsAtMs);
    const committed = this.#flush().finally(() => this.#committing.abort());
    await Promise.race([committed, holdFor(Math.max(eachMs, leftBy - eachMs - nowMs), this.#committing.signal)]);
    this.#committing.abort();
    await this.#session?.close(Math.max(eachMs, leftBy - performance.now()));
    await this.#sessions;
  }

  /** The last session is left to `leave`. */
  async #keepSession(): Promise<void> {
    const { stopping, log, groupId } = this.#options;
    const stopped = new Promise<null>((resolve) => stopping.addEventListener('abort', () => resolve(null)));
    for (let failures = 0; !stopping.aborted; ) {
      const openedMs = performance.now();
      const session = this.#open();
      this.#session = session;
      const reason = await Promise.race([session.ended, stopped]);
      if (reason === null) return;
      failures = performance.now() - openedMs > steadyMs ? 1 : failures + 1;
      log.warn({ group: groupId, failures, error: reason }, 'consuming from Kafka failed; joining again');
      this.#session = null;
      await session.close(1_000);
      await pause(backOffMs(sessionRetry, failures), stopping);
    }
  }

  #open(): Session {
    const { kafka, groupId, topics, sessionMs, log, stopping } = this.#options;
    let member: string | null = null;
    const session = openSession({
      kafka,
      groupId,
      topics,
      sessionMs,
      log,
      onAssigned: (assignment, memberId) => {
        if (this.#session !== session) return;
        // The group had given this one up, as one that was frozen: whoever came after it has gone on from its last commit.
        if (member !== null && member !== memberId) this.#dropAll();
        member = memberId;
        this.#assign(session, assignment);
      },
      onRebalancing: () => void this.#commit(),
      onBatch: (batch) => {
        if (!stopping.aborted && this.#session === session) this.#take(batch);
      },
    });
    return session;
  }

  /** What stays this consumer's keeps what is in hand: it comes again from what is committed, and is known here. */
  #assign(session: Session, assignment: IMemberAssignment): void {
    // Whoever had what is new here may have parked keys of it.
    for (const letters of this.#letters.values()) letters.forgetAll();
    const mine = new Set<string>();
    for (const [name, partitions] of Object.entries(assignment)) {
      const topic = topicNames.find((known) => `${this.#options.kafka.topicPrefix}${known}` === name);
      if (topic === undefined) continue;
      for (const partition of partitions) {
        const id = `${topic} ${partition}`;
        mine.add(id);
        const reader = this.#readers.get(id) ?? this.#openReader(topic, partition);
        if (reader === null) continue;
        reader.assigned();
        this.#setPaused(session, reader, reader.isFull);
      }
    }
    for (const [id, reader] of this.#readers) if (!mine.has(id)) this.#drop(id, reader);
    // After that: what is others' now must not begin.
    this.#membership.joined();
    this.#options.log.info({ group: this.#options.groupId, partitions: mine.size }, 'partitions assigned');
    void this.#flush();
  }

  #openReader(topic: Topic, partition: number): PartitionReader | null {
    const letters = this.#letters.get(topic);
    if (letters === undefined) return null;
    const onSettled = (reader: PartitionReader) => {
      if (this.#session && reader.isPaused && reader.hasRoom) this.#setPaused(this.#session, reader, false);
      void this.#flush();
    };
    const reader = new PartitionReader({
      ...this.#options,
      topic,
      partition,
      letters,
      onSettled,
      membership: this.#membership,
    });
    this.#readers.set(`${topic} ${partition}`, reader);
    return reader;
  }

  #dropAll(): void {
    for (const [id, reader] of this.#readers) this.#drop(id, reader);
  }

  #drop(id: string, reader: PartitionReader): void {
    reader.lose();
    this.#readers.delete(id);
    this.#leaving.add(reader);
    void reader.settled().then(() => this.#leaving.delete(reader));
  }

  #take(batch: Batch): void {
    const { kafka, log } = this.#options;
    const id = `${batch.topic.slice(kafka.topicPrefix.length)} ${batch.partition}`;
    let reader = this.#readers.get(id) ?? null;
    const isSetBack = reader?.isSetBack(batch);
    if (reader !== null && (isSetBack || reader.isOvertaken(batch))) {
      const { topic, partition } = reader.options;
      const what = isSetBack ? 'partition set back; reading it anew' : 'partition read by another; going on from there';
      log.warn({ topic, partition, offset: batch.messages[0]?.offset }, what);
      this.#drop(id, reader);
      reader = this.#openReader(topic, partition);
    }
    if (reader === null) return;
    reader.take(batch);
    if (reader.isFull && this.#session) this.#setPaused(this.#session, reader, true);
    // What was settled before this session had read anything.
    void this.#flush();
  }

  #setPaused(session: Session, reader: PartitionReader, paused: boolean): void {
    reader.isPaused = paused;
    session.setPaused(reader.options.topic, reader.options.partition, paused);
  }

  /** Commits what is settled; while one commit is under way, the next gathers. Never rejects. */
  #flush(): Promise<void> {
    this.#flushing ??= this.#flushAll().finally(() => {
      this.#flushing = null;
      // What was settled between its last look and now.
      if (this.#canCommit() && !this.#options.stopping.aborted) void this.#flush();
    });
    return this.#flushing;
  }

  async #flushAll(): Promise<void> {
    const { stopping } = this.#options;
    const given = this.#committing.signal;
    for (let failures = 0, lastTries = 0; this.#canCommit() && !given.aborted; ) {
      const outcome = await this.#commit();
      failures = outcome === 'stored' ? 0 : failures + 1;
      if (outcome === 'failed' && stopping.aborted) lastTries += 1;
      // A broker that is away fails at once. The end of a rebalance is waited for: `leave` bounds that.
      if (lastTries > 3) return;
      // What there is when it stops is committed at once; what is refused then, not again in the same moment.
      const waits = stopping.aborted ? given : stopping;
      await pause(failures > 0 ? backOffMs(commitRetry, failures) : commitEveryMs, waits);
    }
  }

  #canCommit(): boolean {
    // In doubt it could come after those of who has the partition now, and set them back.
    if (this.#membership.doubt !== null) return false;
    return this.#session?.commit != null && [...this.#readers.values()].some(({ window }) => window.hasUnconfirmed);
  }

  /** Of partitions that are ours. `refused`: by a broker that says to join again first. */
  async #commit(): Promise<'stored' | 'refused' | 'failed'> {
    const settled = [...this.#readers.values()]
      .filter(({ window }) => window.hasUnconfirmed)
      .map((reader) => ({ reader, position: reader.window.settledUpTo }));
    const commit = this.#session?.commit;
    if (settled.length === 0 || !commit || this.#membership.doubt !== null) return 'failed';
    const { joinings } = this.#membership;
    try {
      await commit(settled.map(({ reader: { options }, position }) => ({ ...options, offset: position.toString() })));
    } catch (error) {
      // In a rebalance that is as it should be: who has the partition next reads from the last commit on.
      this.#options.log.debug({ group: this.#options.groupId, error }, 'commit failed');
      if (!isNoMember(error)) return 'failed';
      this.#membership.refused(joinings);
      return 'refused';
    }
    for (const { reader, position } of settled) reader.confirm(position);
    return 'stored';
  }

  /** A partition that is not read because there is too much of it in hand goes on growing: how far, its batches do not tell. */
  async #readEnds(): Promise<void> {
    const paused = [...this.#readers.values()].filter((reader) => reader.isPaused);
    for (const topic of new Set(paused.map(({ options }) => options.topic))) {
      try {
        const ends = await this.#session?.readEnds(topic);
        for (const reader of paused) {
          const end = ends?.get(reader.options.partition);
          if (reader.options.topic === topic && end !== undefined) reader.sawEnd(end);
        }
      } catch (error) {
        this.#options.log.debug({ topic, error }, 'the ends of partitions cannot be read');
      }
    }
  }
}
