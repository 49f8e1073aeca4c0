import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from '../log/logger.js';

/** A collector that is away is told so often. */
const logEveryMs = 60_000;

/** Traces that nobody takes are lost, and nothing else: a line now and then says so. */
export function quietExporter(
  exporter: SpanExporter,
  endpoint: string,
  log: Logger,
  now: () => number = () => performance.now(),
): SpanExporter {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let lost = 0;

  function tell(error: Error | undefined): void {
    if (now() - toldAtMs < logEveryMs) return;
    log.warn({ endpoint, lost_spans: lost, error }, 'traces cannot be sent');
    toldAtMs = now();
    lost = 0;
  }

  return {
    export(spans, answer) {
      exporter.export(spans, ({ code, error }: ExportResult) => {
        if (code !== ExportResultCode.SUCCESS) {
          lost += spans.length;
          tell(error);
        }
        // Whoever is told of a failure throws it into the void.
        answer({ code: ExportResultCode.SUCCESS });
      });
    },
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush && { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() }),
  };
}
