import type { DataInternalClient } from '@platen/sdk/internal';
import { isJobLost } from './failures.js';

/** How far a job is. */
export interface Progress {
  readonly progress?: number;
  readonly progress_total?: number;
  readonly cursor?: string;
}

export interface Reporter {
  /** What was said last. */
  readonly latest: Progress;
  say(progress: Progress): void;
  /** Resolves when no report is under way and none will be. */
  stop(): Promise<void>;
  /** After `stop`: what was said and not told yet. Rejects as the call does. */
  tellRest(): Promise<void>;
}

/** Progress is told so often at most. */
const leastMs = 1_000;

/**
 * Tells the plane how far a job is and, in silence too, that its worker lives: one report after the other. A lease that
 * could not be renewed while it lasted is taken for lost, without asking.
 */
export function startReporter(options: {
  readonly leaseSeconds: number;
  send(progress: Progress): ReturnType<DataInternalClient['jobs']['progress']>;
  onCancel(): void;
  onLost(): void;
}): Reporter {
  const { leaseSeconds, send, onCancel, onLost } = options;
  const heartbeatMs = (leaseSeconds * 1_000) / 3;
  let latest: Progress = {};
  let isNews = false;
  let isOver = false;
  let renewedAtMs = performance.now();
  let sentAtMs = renewedAtMs;
  let sending: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  function plan(): void {
    clearTimeout(timer);
    if (isOver || sending !== null) return;
    const waitMs = sentAtMs + (isNews ? Math.min(leastMs, heartbeatMs) : heartbeatMs) - performance.now();
    timer = setTimeout(
      () => {
        sending = report().finally(() => {
          sending = null;
          plan();
        });
      },
      Math.max(0, waitMs),
    );
  }

  async function report(): Promise<void> {
    sentAtMs = performance.now();
    isNews = false;
    try {
      const { cancel } = await send(latest);
      renewedAtMs = sentAtMs;
      if (cancel) onCancel();
    } catch (error) {
      // Soon again, not with the next heartbeat.
      isNews = true;
      if (!isJobLost(error) && performance.now() - renewedAtMs < leaseSeconds * 1_000) return;
      isOver = true;
      onLost();
    }
  }

  plan();
  return {
    get latest() {
      return latest;
    },
    say(progress) {
      latest = { ...latest, ...progress };
      isNews = true;
      plan();
    },
    async stop() {
      isOver = true;
      clearTimeout(timer);
      await sending;
    },
    async tellRest() {
      if (isNews) await send(latest);
      isNews = false;
    },
  };
}
