import { createLifecycle } from '../lifecycle/lifecycle.js';
import { createLogger, type Logger } from '../log/logger.js';
import { startTracing } from '../tracing/start-tracing.js';
import type { Tracing } from '../tracing/tracing.js';
import type { WorkerSettings } from './fields.js';
import { startProbe } from './probe.js';
import { createWorkerMetrics, type WorkerMetrics } from './worker-metrics.js';

/** What a worker is lent by its process. */
export interface WorkerParts {
  readonly log: Logger;
  readonly tracing: Tracing | null;
  readonly metrics: WorkerMetrics;
}

/** A worker as a process: log, traces, probe and what it consumes, stopped in the reverse order by a signal. */
export async function runWorker(options: {
  readonly name: string;
  readonly settings: WorkerSettings;
  /** What its first line says of it. */
  readonly facts: Readonly<Record<string, unknown>>;
  start(parts: WorkerParts): { stop(): Promise<void> };
}): Promise<void> {
  const { name, settings, facts, start } = options;
  const log = createLogger({ service: name, level: settings.LOG_LEVEL });
  const lifecycle = createLifecycle({ log });
  lifecycle.handleSignals();
  const { tracing } = await lifecycle.start(
    'tracing',
    () => startTracing(settings.tracing, log),
    (started) => started.stop(),
  );
  const metrics = createWorkerMetrics();
  const probe = await lifecycle.start(
    'probe',
    () =>
      startProbe({
        host: settings.WORKER_HEALTH_HOST,
        port: settings.WORKER_HEALTH_PORT,
        lag: metrics.lag,
        registry: metrics.registry,
      }),
    (started) => started.stop(),
  );
  await lifecycle.start(
    'consumer',
    () => start({ log, tracing, metrics }),
    (worker) => worker.stop(),
  );
  log.info({ health_port: probe.port, ...facts }, 'consuming');
}
