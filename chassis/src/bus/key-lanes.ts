import type { CloudEvent } from '@platen/schema/events/cloud-event';
import type { Topic } from '@platen/schema/events/index';
import pLimit, { type LimitFunction } from 'p-limit';
import type { Logger } from 'pino';
import { backOffMs, pause } from './back-off.js';
import { DependencyAway, type EventHandler, laterMs, type RetryPolicy, UnprocessableEvent } from './bus.js';
import { errorText, eventLog } from './event-log.js';

export type Outcome =
  | { readonly kind: 'done' }
  /** `attempts` 0: not tried, it followed an earlier event of its key. */
  | {
      readonly kind: 'parked';
      readonly attempts: number;
      readonly error: string;
      /** null: not before somebody says so, or not before what it follows. */
      readonly retryAfterMs: number | null;
    }
  /** Stopped before it was done: not to be acknowledged. */
  | { readonly kind: 'abandoned' };

export type Letter = Extract<Outcome, { readonly kind: 'parked' }>;
/** `refused`: of an event that was not tried, that no letter of its key is before it; else, that its outbox does not know it. */
export type ParkResult = 'parked' | 'refused' | 'abandoned';

export interface LaneItem {
  readonly topic: Topic;
  readonly key: string;
  readonly event: CloudEvent;
  /** The transport knows of an earlier event of this key that is parked. Asked when its turn comes. */
  readonly parked: boolean;
  /** Stores it as a letter, before anything later of its key has its turn; tried until that has been answered. */
  park(letter: Letter): Promise<ParkResult>;
  /** False once the right to handle it is lost. */
  isWanted(): boolean;
  /** While it is in doubt whether that is lost: resolves when it is known, or nothing begins any more. */
  readonly doubt?: Promise<void> | null;
}

export interface KeyLanesOptions {
  readonly handler: EventHandler;
  readonly concurrency: number;
  readonly retry: RetryPolicy;
  readonly log: Logger;
  /** No further try begins after this. */
  readonly stopping: AbortSignal;
  /** Handed to handlers. */
  readonly cut: AbortSignal;
}

const done: Outcome = { kind: 'done' };
const abandoned: Outcome = { kind: 'abandoned' };
const followed: Letter = {
  kind: 'parked',
  attempts: 0,
  error: 'an earlier event of this key is parked',
  retryAfterMs: null,
};

export interface KeyLanes {
  run(item: LaneItem): Promise<Outcome>;
  /** What bounds the handlers. */
  readonly limit: LimitFunction;
}

/**
 * Events of one key one after the other, of different keys side by side. A key that waits for its next try takes no
 * place of another: only running handlers count towards the concurrency. `run` never rejects.
 */
export function createKeyLanes(options: KeyLanesOptions): KeyLanes {
  const { handler, retry, stopping, cut } = options;
  const limit = pLimit(options.concurrency);
  const lastOfKey = new Map<string, Promise<Outcome>>();

  async function tryOnce(item: LaneItem, attempt: number): Promise<Outcome | { readonly error: unknown }> {
    if (stopping.aborted || !item.isWanted()) return abandoned;
    try {
      await handler({ event: item.event, topic: item.topic, attempt, signal: cut });
      return done;
    } catch (error) {
      return { error };
    }
  }

  /** Who waits for a handler's place waits long enough for a doubt to come up. */
  async function tryBeyondDoubt(item: LaneItem, attempt: number) {
    for (;;) {
      await item.doubt;
      const result = await limit(async () => (item.doubt ? null : tryOnce(item, attempt)));
      if (result !== null) return result;
    }
  }

  async function tryUntilSettled(item: LaneItem): Promise<Outcome> {
    for (let attempt = 1, counted = 0; ; attempt += 1) {
      const result = await tryBeyondDoubt(item, attempt);
      if ('kind' in result) return result;
      const { error } = result;
      if (!(error instanceof DependencyAway)) counted += 1;
      const isHopeless = error instanceof UnprocessableEvent;
      const isLast = isHopeless || counted >= retry.tries;
      report(options.log, item, error, attempt, isLast);
      if (isLast) {
        const retryAfterMs = isHopeless ? null : laterMs(retry, counted);
        return giveUp(item, { kind: 'parked', attempts: counted, error: errorText(error), retryAfterMs });
      }
      await pause(backOffMs(retry, attempt), stopping);
    }
  }

  async function giveUp(item: LaneItem, letter: Letter): Promise<Outcome> {
    const result = await item.park(letter);
    if (result === 'parked') return letter;
    if (result === 'abandoned') return abandoned;
    eventLog(options.log, item.event).error(
      { event_id: item.event.id, error: letter.error },
      'event lost: its outbox has no such event',
    );
    return done;
  }

  async function follow(item: LaneItem, previous: Promise<Outcome> | undefined): Promise<Outcome> {
    const before = (await previous) ?? done;
    if (before.kind === 'abandoned' && (stopping.aborted || !item.isWanted())) return abandoned;
    if (before.kind !== 'parked' && !item.parked) return tryUntilSettled(item);
    const result = await item.park(followed);
    if (result === 'refused') return tryUntilSettled(item);
    return result === 'parked' ? followed : abandoned;
  }

  return {
    limit,
    async run(item) {
      const lane = `${item.topic} ${item.key}`;
      const outcome = follow(item, lastOfKey.get(lane));
      lastOfKey.set(lane, outcome);
      try {
        return await outcome;
      } finally {
        if (lastOfKey.get(lane) === outcome) lastOfKey.delete(lane);
      }
    },
  };
}

function report(log: Logger, item: LaneItem, error: unknown, attempt: number, parked: boolean): void {
  const { event } = item;
  const line = eventLog(log, event);
  const data = { event_id: event.id, event_type: event.type, attempt, error };
  if (parked) line.error(data, 'event parked');
  else line.warn(data, 'event failed; trying again');
}
