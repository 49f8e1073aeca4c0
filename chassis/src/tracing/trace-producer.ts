import type { EventProducer, OutboundEvent } from '../bus/kafka/producer.js';
import { errorName } from './current.js';
import type { Tracing } from './tracing.js';

/** How long each event took to be with the broker, as a span under the request that wrote it. */
export function traceProducer(producer: EventProducer, tracing: Tracing | null): EventProducer {
  if (tracing === null) return producer;
  const start = ({ topic, key, headers }: OutboundEvent) =>
    tracing.start({
      name: `send ${topic}`,
      kind: 'producer',
      parent: headers['traceparent'] ?? null,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.name': topic,
        'messaging.kafka.message.key': key,
      },
    });
  return {
    async send(events) {
      // One that nobody's request wrote is no part of a trace.
      const spans = events.filter(({ headers }) => headers['traceparent'] !== undefined).map(start);
      try {
        await producer.send(events);
        for (const span of spans) span.end();
      } catch (error) {
        for (const span of spans) span.end({ error: errorName(error) });
        throw error;
      }
    },
    close: () => producer.close(),
  };
}
