import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@platen/chassis/log/logger';

export interface Heartbeat {
  start(): void;
  /** Reports at once: whoever rotates keys waits for it. */
  now(): void;
  /** Resolves when no report is under way any more. */
  stop(): Promise<void>;
}

const everyMs = 10_000;

/** Reports now and then that this instance lives. One report at a time, so that an older one cannot come last. */
export function createHeartbeat(deps: {
  readonly report: () => Promise<void>;
  /** The last one. */
  readonly leave: () => Promise<void>;
  readonly log: Logger;
}): Heartbeat {
  const { log } = deps;
  const stop = new AbortController();
  const { signal } = stop;
  let wake: (() => void) | undefined;
  let asked = false;
  let running: Promise<void> | undefined;

  const pause = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
      delay(everyMs, undefined, { signal, ref: false }).then(resolve, resolve);
    });

  async function beat(): Promise<void> {
    while (!signal.aborted) {
      asked = false;
      await deps.report().catch((error: unknown) => log.debug({ error }, 'heartbeat failed'));
      if (!asked) await pause();
    }
    await deps.leave().catch((error: unknown) => log.debug({ error }, 'leaving unsaid'));
  }

  return {
    start() {
      running ??= beat();
    },
    now() {
      asked = true;
      wake?.();
    },
    async stop() {
      stop.abort();
      await running;
    },
  };
}
