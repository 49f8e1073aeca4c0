import { setTimeout as delay } from 'node:timers/promises';
import type { SystemDatabase } from '@platen/chassis/db/system-database';
import type { Logger } from '@platen/chassis/log/logger';

/** Tells whoever waits for a change that there may be one. */
export interface WakeUp {
  /**
   * Resolves at the next notification, when `signal` aborts, after `timeoutMs`, or after `lookEveryMs`: then look and wait again.
   * False: it was closed, and there is nothing to wait for any more.
   */
  wait(timeoutMs: number, signal?: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Notifications make it quick, looking makes it sure: a connection that listens may be gone for a while, or have gone
 * silent without anyone being told, and a revocation must still arrive within a second.
 */
const lookEveryMs = 750;
const retryMs = 1_000;

export function listenForChanges(db: Pick<SystemDatabase, 'listen'>, log: Logger): WakeUp {
  const waiting = new Set<() => void>();
  const stop = new AbortController();
  const wakeAll = () => {
    for (const wake of waiting) wake();
  };

  async function listen(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await db.listen('control_changes', wakeAll, wakeAll);
        return;
      } catch (error) {
        if (!stop.signal.aborted) log.warn({ error }, 'cannot listen for changes yet; looking by the clock');
        await delay(retryMs, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);
      }
    }
  }
  // The database closes the connection that listens, with its others.
  void listen();

  return {
    wait: (timeoutMs, signal) =>
      new Promise((resolve) => {
        const finish = () => {
          waiting.delete(finish);
          clearTimeout(timer);
          signal?.removeEventListener('abort', finish);
          resolve(!stop.signal.aborted);
        };
        const timer = setTimeout(finish, Math.min(timeoutMs, lookEveryMs));
        waiting.add(finish);
        if (signal?.aborted || stop.signal.aborted) finish();
        else signal?.addEventListener('abort', finish);
      }),
    async close() {
      stop.abort();
      wakeAll();
    },
  };
}
