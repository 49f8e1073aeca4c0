import { setTimeout as delay } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';

type Stop = () => unknown;

export interface LifecycleOptions {
  readonly log: Logger;
  /** From the end of draining to the exit at the latest. What has not ended by then is cut off. */
  readonly stopWithinMs?: number;
  /** Between "not ready" and the first stop, for load balancers that poll readiness. */
  readonly drainMs?: number;
}

/** Starts a service's parts in order and stops them in the reverse order, once. */
export interface Lifecycle {
  /** True from the first signal on; GET /ready answers 503 then. */
  readonly isDraining: boolean;
  /**
   * Starts a part and remembers how to stop it. A part that fails to start leaves the earlier ones to `stop`.
   * Calling it while draining rejects.
   */
  start<R>(name: string, start: () => R | Promise<R>, stop: (part: R) => unknown): Promise<R>;
  /** Called when draining begins, `drainMs` before anything stops. */
  onDraining(listener: () => void): void;
  /** Stops everything; each failure is logged and does not keep the others from stopping. */
  stop(): Promise<void>;
  /** SIGTERM, SIGINT, uncaught errors and unhandled rejections end in `stop` and the exit of the process: 1 after an error, else 0. */
  handleSignals(): void;
}

export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { log } = options;
  const parts: { readonly name: string; readonly stop: Stop }[] = [];
  const listeners: (() => void)[] = [];
  let draining = false;
  let stopped: Promise<void> | undefined;

  async function stopAll(): Promise<void> {
    draining = true;
    for (const listener of listeners) listener();
    if (options.drainMs !== undefined && options.drainMs > 0) await delay(options.drainMs);
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      try {
        await part.stop();
        log.debug({ part: part.name }, 'stopped');
      } catch (error) {
        log.error({ error, part: part.name }, 'did not stop cleanly');
      }
    }
  }

  const lifecycle: Lifecycle = {
    get isDraining() {
      return draining;
    },
    async start(name, start, stop) {
      if (draining) throw new Error(`Cannot start ${name} while stopping`);
      const part = await start();
      parts.push({ name, stop: () => stop(part) });
      return part;
    },
    onDraining(listener) {
      listeners.push(listener);
    },
    stop() {
      stopped ??= stopAll();
      return stopped;
    },
    handleSignals() {
      const delayMs = (options.drainMs ?? 0) + (options.stopWithinMs ?? 10_000);
      closeWithGrace({ delay: delayMs, logger: graceLogger(log) }, async ({ signal, err }) => {
        if (err === undefined) log.info({ signal }, 'stopping');
        else log.fatal({ error: err }, 'stopping after an uncaught error');
        await lifecycle.stop();
        await flush(log);
      });
    },
  };
  return lifecycle;
}

/** Lines still on their way would be lost with the process. */
const flush = (log: Logger): Promise<void> => new Promise((resolve) => log.flush(() => resolve()));

/** What the library itself says: a second signal, or stopping took too long. */
const graceLogger = (log: Logger) => ({
  error: (subject: unknown) => log.error({ subject }, 'stopping was cut short'),
  trace: () => undefined,
});
