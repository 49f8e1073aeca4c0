import type { EventSource } from '@platen/schema/events/cloud-event';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { backOffMs, pause } from '../back-off.js';
import type { OutboxDatabase } from '../outbox-service.js';
import { sourceIdOf } from '../source-id.js';
import type { EventProducer } from './producer.js';
import { openRelaySession, type RelaySession } from './relay-session.js';
import {
  claimRelay,
  ensurePosition,
  hasUnsequenced,
  releaseRelay,
  type TakenEvent,
  takeForRelay,
} from './relay-store.js';

export interface RelayOptions {
  readonly database: OutboxDatabase;
  /** CloudEvents `source` of everything in it. */
  readonly eventSource: EventSource;
  openProducer(): Promise<EventProducer>;
  readonly log: Logger;
  readonly observer?: RelayObserver;
  /** Another instance takes over from one that died after so long. Default 10. */
  readonly leaseSeconds?: number;
  /** How long `stop` may go on relaying what is there. Default 3000. */
  readonly drainMs?: number;
}

export interface RelayObserver {
  relayed(topic: string, events: number): void;
}

export interface Relay {
  /** Does this instance relay the database now? */
  readonly isHolder: boolean;
  /** Resolves when what is there is with the broker, or the time is over; another instance may go on at once. */
  stop(): Promise<void>;
}

/** Most events of a read, and most bytes of them as they are stored. */
const readLimit = 1_000;
const maxReadBytes = 2_000_000;
/** So many at once say that more are there: read while they are on their way. */
const readAheadFrom = 100;
/** How often to look without being told, for events and for letters. */
const lookAgainMs = 5_000;
/** How often an instance that does not relay asks whether it may. */
const standbyMs = 1_000;
const drainLookMs = 20;
/** From giving up what is on its way to the end. */
const cutMs = 1_500;
const backOff = { firstMs: 200, longestMs: 3_000 };

/**
 * Gives the events of one database to the broker, in the order of their positions, from one instance at a time and with one
 * send in flight; what was sent and not noted is sent again. That keeps the order of a key: who goes on begins at or before
 * an event that all earlier ones are with the broker of. While the broker is away, events stay where they are.
 */
export function startRelay(options: RelayOptions): Relay {
  const { database, log, leaseSeconds = 10, drainMs = 3_000 } = options;
  const { system } = database;
  const owner = uuidv7();
  const draining = new AbortController();
  const cut = new AbortController();
  let isHolder = false;
  let failures = 0;
  let bell = new AbortController();
  const unlisten = database.sequencer.onPositions(() => bell.abort());

  /** Notes what is relayed, renews the lease, and reads on from there or further; null: another instance has the lease. */
  function take(relayed: bigint, readTo: bigint): Promise<TakenEvent[] | null> {
    // Before reading: what comes between reading and waiting must wake.
    bell = new AbortController();
    const { eventSource } = options;
    const amount = { limit: readLimit, maxBytes: maxReadBytes };
    const rows = takeForRelay(system, { owner, leaseSeconds, relayed, readTo, eventSource, ...amount });
    // Read ahead, it may fail while nobody waits for it yet.
    rows.catch(() => undefined);
    return rows;
  }

  /** Until the lease is lost, or there is nothing left to drain. */
  async function follow(session: RelaySession, position: bigint): Promise<void> {
    let relayed = position;
    let noted = position;
    const read = (from: bigint) => {
      noted = relayed;
      return take(relayed, from);
    };
    let lettersAtMs = 0;
    let isLastRead = false;
    for (let next = read(position); ; ) {
      const events = await next;
      if (events === null || cut.signal.aborted) return;
      const last = events.at(-1);
      if (last !== undefined) {
        const readTo = BigInt(last.position);
        const isAhead = events.length >= readAheadFrom;
        if (isAhead) next = read(readTo);
        await session.publish(events);
        relayed = readTo;
        tellRelayed(events);
        if (!isAhead) next = read(readTo);
        continue;
      }
      if (noted === relayed) {
        if (performance.now() >= lettersAtMs) {
          await session.retryLetters();
          lettersAtMs = performance.now() + lookAgainMs;
        }
        if (isLastRead) return;
        // Asked before the last read: what is given a position between a read and the question would be in neither.
        isLastRead = draining.signal.aborted && !(await hasUnsequenced(system));
        if (!isLastRead) await waitForMore();
      }
      next = read(relayed);
    }
  }

  const waitForMore = (): Promise<void> =>
    draining.signal.aborted
      ? pause(drainLookMs, cut.signal)
      : pause(lookAgainMs, AbortSignal.any([bell.signal, draining.signal]));

  function tellRelayed(events: readonly TakenEvent[]): void {
    if (failures > 0) log.info({ database: database.key, failures }, 'events are relayed again');
    failures = 0;
    const byTopic = new Map<string, number>();
    for (const { topic } of events) byTopic.set(topic, (byTopic.get(topic) ?? 0) + 1);
    for (const [topic, count] of byTopic) options.observer?.relayed(topic, count);
  }

  /** False: another instance has the lease. */
  async function hold(): Promise<boolean> {
    await ensurePosition(system);
    const position = await claimRelay(system, owner, leaseSeconds);
    if (position === null) return false;
    isHolder = true;
    let session: RelaySession | undefined;
    const giveUp = () => void session?.close();
    cut.signal.addEventListener('abort', giveUp);
    // A send can take longer than the lease: a broker that is slow is no reason for another instance to try.
    const keeper = setInterval(
      () => {
        claimRelay(system, owner, leaseSeconds).then(
          (held) => held === null && giveUp(),
          () => undefined,
        );
      },
      (leaseSeconds * 1_000) / 3,
    );
    try {
      session = await openRelaySession({ ...options, system, source: sourceIdOf(database.key), owner });
      await follow(session, position);
      return true;
    } finally {
      clearInterval(keeper);
      cut.signal.removeEventListener('abort', giveUp);
      isHolder = false;
      await session?.close();
      await releaseRelay(system, owner).catch(() => undefined);
    }
  }

  async function run(): Promise<void> {
    while (!draining.signal.aborted) {
      try {
        if (!(await hold())) await pause(standbyMs * (0.5 + Math.random()), draining.signal);
      } catch (error) {
        failures += 1;
        // Once for each time that it is away.
        if (failures === 1) log.warn({ database: database.key, error }, 'events cannot be relayed; they wait');
        await pause(backOffMs(backOff, failures), draining.signal);
      }
    }
  }

  const ended = run();
  return {
    get isHolder() {
      return isHolder;
    },
    async stop() {
      draining.abort();
      const over = new AbortController();
      void pause(drainMs, over.signal).then(() => cut.abort());
      // A broker that says nothing is not waited for: connecting to it can take longer.
      await Promise.race([ended, pause(drainMs + cutMs, over.signal)]);
      over.abort();
      unlisten();
    },
  };
}
