import { type Context, ROOT_CONTEXT, type SpanContext, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { parseKeyPairsIntoRecord, parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { v7 as uuidv7 } from 'uuid';
import { pause } from '../bus/back-off.js';
import type { Logger } from '../log/logger.js';
import { quietExporter } from './quiet-exporter.js';
import type { TracingSettings } from './settings.js';
import type { StartedTracing } from './start-tracing.js';
import type { NewSpan, OpenSpan } from './tracing.js';

/** How long the end of the process waits for a collector. */
const flushMs = 2_000;
const exportTimeoutMs = 5_000;
const scheduledDelayMs = 1_000;
/** Beyond, spans are dropped: a collector that is away takes no memory. */
const maxQueueSize = 4_096;

const kinds: Record<NewSpan['kind'], SpanKind> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
};

/** Spans by hand, sent in batches; nothing is patched, and no global of the library is set. */
export function openTelemetry({ endpoint, headers, service, share }: TracingSettings, log: Logger): StartedTracing {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint}/v1/traces`,
    headers: parseKeyPairsIntoRecord(headers),
    timeoutMillis: exportTimeoutMs,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.instance.id': uuidv7() }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: quietExporter(exporter, endpoint, log),
        scheduledDelayMillis: scheduledDelayMs,
        maxQueueSize,
      }),
    ],
  });
  const tracer = provider.getTracer('platen');

  function start({ name, kind, parent, attributes }: NewSpan): OpenSpan {
    const options = { kind: kinds[kind], ...(attributes && { attributes: { ...attributes } }) };
    const span = tracer.startSpan(name, options, contextOf(parent));
    return {
      traceparent: format(span.spanContext()),
      end({ attributes: more, error } = {}) {
        if (more) span.setAttributes({ ...more });
        if (error !== undefined) {
          span.setAttribute('error.type', error);
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end();
      },
    };
  }

  return {
    tracing: { start },
    async stop() {
      const over = new AbortController();
      await Promise.race([provider.shutdown().catch(() => undefined), pause(flushMs, over.signal)]);
      over.abort();
    },
  };
}

function contextOf(traceparent: string | null): Context {
  const parent = traceparent === null ? null : parseTraceParent(traceparent);
  return parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
}

const format = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
