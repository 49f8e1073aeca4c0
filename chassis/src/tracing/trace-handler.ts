import type { EventHandler } from '../bus/bus.js';
import { inSpan } from './current.js';
import type { Tracing } from './tracing.js';

export interface HandlerTracing {
  readonly tracing: Tracing | null;
  readonly consumer: string;
  /** What brings the events: `kafka`, or our own outboxes. */
  readonly system: 'kafka' | 'outbox';
}

/** Each try is a span under the request that wrote the event; what the handler calls belongs to it. */
export const traceHandler =
  (handler: EventHandler, { tracing, consumer, system }: HandlerTracing): EventHandler =>
  (delivery) => {
    const { event, topic, attempt } = delivery;
    const span = {
      name: `process ${topic}`,
      kind: 'consumer',
      parent: event.traceparent,
      attributes: {
        'messaging.system': system === 'kafka' ? 'kafka' : 'platen_outbox',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.name': topic,
        'messaging.consumer.group.name': consumer,
        'messaging.message.id': event.id,
        'platen.event.type': event.type,
        'platen.event.attempt': attempt,
        'platen.tenant.id': event.tenantid,
        'platen.correlation.id': event.correlationid,
      },
    } as const;
    return inSpan(tracing, span, () => handler(delivery));
  };
