import type { CloudEvent } from '@platen/schema/events/cloud-event';
import type { Topic } from '@platen/schema/events/index';
import pLimit from 'p-limit';
import type { Logger } from 'pino';
import { withScope } from '../log/logger.js';
import { backOffMs, pause } from './back-off.js';
import { DependencyAway, type EventHandler, type RetryPolicy, UnprocessableEvent } from './bus.js';

export type Outcome =
  | { readonly kind: 'done' }
  /** `attempts` 0: not tried, it followed an earlier event of its key. */
  | { readonly kind: 'parked'; readonly attempts: number; readonly error: string }
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
  /**
   * Stores it as a letter, before anything later of its key has its turn; tried until that has been answered. Without it,
   * who runs the item does so by the outcome.
   */
  park?(letter: Letter): Promise<ParkResult>;
  /** False once the right to handle it is lost. */
  isWanted(): boolean;
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
const followed: Letter = { kind: 'parked', attempts: 0, error: 'an earlier event of this key is parked' };
const maxErrorLength = 2_000;

/**
 * Events of one key one after the other, of different keys side by side. A key that waits for its next try takes no
 * place of another: only running handlers count towards the concurrency. `run` never rejects.
 */
export function createKeyLanes(options: KeyLanesOptions): { run(item: LaneItem): Promise<Outcome> } {
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

  async function tryUntilSettled(item: LaneItem): Promise<Outcome> {
    for (let attempt = 1, counted = 0; ; attempt += 1) {
      const result = await limit(() => tryOnce(item, attempt));
      if ('kind' in result) return result;
      const { error } = result;
      if (!(error instanceof DependencyAway)) counted += 1;
      const hopeless = error instanceof UnprocessableEvent || counted >= retry.tries;
      report(options.log, item, error, attempt, hopeless);
      if (hopeless) return giveUp(item, { kind: 'parked', attempts: attempt, error: textOf(error) });
      await pause(backOffMs(retry, attempt), stopping);
    }
  }

  async function giveUp(item: LaneItem, letter: Letter): Promise<Outcome> {
    const result = (await item.park?.(letter)) ?? 'parked';
    if (result === 'parked') return letter;
    if (result === 'abandoned') return abandoned;
    lineOf(options.log, item).error(
      { event_id: item.event.id, error: letter.error },
      'event lost: its outbox has no such event',
    );
    return done;
  }

  async function follow(item: LaneItem, previous: Promise<Outcome> | undefined): Promise<Outcome> {
    const before = (await previous) ?? done;
    if (before.kind === 'abandoned' && (stopping.aborted || !item.isWanted())) return abandoned;
    if (before.kind !== 'parked' && !item.parked) return tryUntilSettled(item);
    const result = (await item.park?.(followed)) ?? 'parked';
    if (result === 'refused') return tryUntilSettled(item);
    return result === 'parked' ? followed : abandoned;
  }

  return {
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

const textOf = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, maxErrorLength) || 'unknown';

const lineOf = (log: Logger, { event }: LaneItem): Logger =>
  withScope(log, {
    correlationId: event.correlationid,
    tenantId: event.tenantid,
    context: { organization_id: event.organizationid, workspace_id: event.workspaceid, user_id: null },
  });

function report(log: Logger, item: LaneItem, error: unknown, attempt: number, parked: boolean): void {
  const { event } = item;
  const line = lineOf(log, item);
  const data = { event_id: event.id, event_type: event.type, attempt, error };
  if (parked) line.error(data, 'event parked');
  else line.warn(data, 'event failed; trying again');
}
