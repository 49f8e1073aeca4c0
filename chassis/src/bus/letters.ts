import type { CloudEvent } from '@platen/schema/events/cloud-event';
import type { Topic } from '@platen/schema/events/index';
import type { Logger } from 'pino';
import { backOffMs, pause } from './back-off.js';
import type { Letter, ParkResult } from './key-lanes.js';
import { isUnknownSource, type LettersClient, type NewLetter, type ParkAnswer } from './letters-client.js';

export interface LettersOptions {
  readonly client: LettersClient;
  readonly consumer: string;
  readonly topic: Topic;
  readonly log: Logger;
  /** Ends waits between tries of a call. */
  readonly stopping: AbortSignal;
}

/** An event with where it is from. */
export interface Parkable {
  readonly source: string;
  readonly key: string;
  readonly event: CloudEvent;
  /** False once the right to handle it is lost. */
  isWanted(): boolean;
}

interface Waiting {
  readonly letter: NewLetter;
  answer(answer: ParkAnswer): void;
  fail(error: unknown): void;
}

const callRetry = { firstMs: 100, longestMs: 5_000 };
const maxLettersPerCall = 100;
const keysPerPage = 1_000;

/**
 * One topic's parked events, from a consumer's side. Which keys are parked is known here only roughly, so that a key
 * that is not costs no call; whether an event is a letter, the database of its source decides.
 */
export class Letters {
  readonly #options: LettersOptions;
  /** Source → keys with letters. */
  #parked = new Map<string, Set<string>>();
  /** Source → whether its keys could be read. */
  #loading = new Map<string, Promise<boolean>>();
  /** Source → letters that go with its next call; an entry while a call is under way. */
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(options: LettersOptions) {
    this.#options = options;
  }

  isParked(source: string, key: string): boolean {
    return this.#parked.get(source)?.has(key) ?? false;
  }

  markParked(source: string, key: string): void {
    const keys = this.#parked.get(source) ?? new Set();
    this.#parked.set(source, keys.add(key));
  }

  /** For who takes over from another consumer: nothing that was known counts any more. */
  forgetAll(): void {
    this.#parked = new Map();
    this.#loading = new Map();
  }

  /**
   * Reads the parked keys of a source, once until `forgetAll`; to be awaited before the first of its events. False: the
   * consumer was stopped before they could be read. One source that is away holds up its own events alone.
   */
  load(source: string): Promise<boolean> {
    const known = this.#loading.get(source);
    if (known) return known;
    const loading = this.#readKeys(source);
    this.#loading.set(source, loading);
    return loading;
  }

  async #readKeys(source: string): Promise<boolean> {
    const { client, consumer, topic, log, stopping } = this.#options;
    for (let after: string | undefined, failures = 0; !stopping.aborted; ) {
      try {
        const query = { source, consumer, topic, limit: keysPerPage, ...(after === undefined ? {} : { after }) };
        const { keys } = await client.parkedKeys(query);
        for (const key of keys) this.markParked(source, key);
        if (keys.length < keysPerPage) return true;
        after = keys.at(-1);
        failures = 0;
      } catch (error) {
        // Its events may still be on their way; nothing of theirs can be parked.
        if (isUnknownSource(error)) return true;
        failures += 1;
        log.warn({ source, topic, failures, error }, 'reading parked keys failed; trying again');
        await pause(backOffMs(callRetry, failures), stopping);
      }
    }
    return false;
  }

  /** Until there is an answer. Asks at least once: what was tried to the end should not be tried again after a restart. */
  async park(item: Parkable, { attempts, error, retryAfterMs }: Letter): Promise<ParkResult> {
    const { source, key, event } = item;
    const { topic, log, stopping } = this.#options;
    const letter = { event_id: event.id, tenant_id: event.tenantid, attempts, error, retry_after_ms: retryAfterMs };
    for (let failures = 1; item.isWanted(); failures += 1) {
      try {
        const answer = await this.#enqueue(source, letter);
        if (answer.key_parked) this.markParked(source, key);
        else this.#parked.get(source)?.delete(key);
        return answer.parked ? 'parked' : 'refused';
      } catch (cause) {
        if (isUnknownSource(cause)) return 'refused';
        if (stopping.aborted) return 'abandoned';
        log.warn({ source, topic, failures, error: cause }, 'parking an event failed; trying again');
        await pause(backOffMs(callRetry, failures), stopping);
      }
    }
    return 'abandoned';
  }

  #enqueue(source: string, letter: NewLetter): Promise<ParkAnswer> {
    return new Promise((answer, fail) => {
      const waiting = this.#waiting.get(source);
      if (waiting) {
        waiting.push({ letter, answer, fail });
        return;
      }
      this.#waiting.set(source, [{ letter, answer, fail }]);
      void this.#callAll(source);
    });
  }

  /** One call at a time to a source; what comes meanwhile goes together with the next. Never rejects. */
  async #callAll(source: string): Promise<void> {
    const { client, consumer, topic } = this.#options;
    const waiting = this.#waiting.get(source) ?? [];
    while (waiting.length > 0) {
      const batch = waiting.splice(0, maxLettersPerCall);
      try {
        const { events } = await client.park({ source, consumer, topic, events: batch.map(({ letter }) => letter) });
        batch.forEach(({ answer, fail }, index) => {
          const said = events[index];
          if (said) answer(said);
          else fail(new Error('an answer to fewer letters than were sent'));
        });
      } catch (error) {
        for (const { fail } of batch) fail(error);
      }
    }
    this.#waiting.delete(source);
  }
}
