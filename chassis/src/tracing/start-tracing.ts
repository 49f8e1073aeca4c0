import type { Logger } from '../log/logger.js';
import type { TracingSettings } from './settings.js';
import type { Tracing } from './tracing.js';

export interface StartedTracing {
  /** Null: nobody wants traces. */
  readonly tracing: Tracing | null;
  /** Sends what has ended, if somebody takes it within seconds. To be called after everything that makes spans. */
  stop(): Promise<void>;
}

/** OpenTelemetry, loaded only where traces are sent somewhere. */
export async function startTracing(settings: TracingSettings | null, log: Logger): Promise<StartedTracing> {
  if (settings === null) return { tracing: null, stop: async () => undefined };
  const { openTelemetry } = await import('./open-telemetry.js');
  return openTelemetry(settings, log);
}
