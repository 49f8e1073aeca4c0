import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ConsumerObserver, EventHandler } from '../bus/bus.js';

export interface Lag {
  readonly topic: string;
  /** Opaque id of a database; with Kafka a partition. */
  readonly source: string;
  readonly events: number;
}

export interface WorkerMetrics {
  /** Where a worker adds its own. */
  readonly registry: Registry;
  lag(): readonly Lag[];
  /** Of one consumer. */
  observer(consumer: string): ConsumerObserver;
  /** `handler`, its tries counted and timed. */
  metered(consumer: string, handler: EventHandler): EventHandler;
}

/** What every worker counts of the events that it reads. */
export function createWorkerMetrics(): WorkerMetrics {
  const registry = new Registry();
  const registers = [registry];
  const lags = new Map<string, Lag & { readonly consumer: string }>();
  const durations = new Histogram({
    name: 'worker_event_duration_seconds',
    help: 'Time of a try to handle an event, by consumer, type and result: handled, failed',
    labelNames: ['consumer', 'type', 'result'],
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const parked = new Counter({
    name: 'worker_events_parked_total',
    help: 'Events that became letters, by consumer and type: given up for now, or waiting behind such a one',
    labelNames: ['consumer', 'type'],
    registers,
  });
  const dead = new Counter({
    name: 'worker_events_dead_total',
    help: 'Letters that nobody tries again by themselves, by consumer and type',
    labelNames: ['consumer', 'type'],
    registers,
  });
  const recovered = new Counter({
    name: 'worker_events_recovered_total',
    help: 'Letters that a later try handled, by consumer and type',
    labelNames: ['consumer', 'type'],
    registers,
  });
  new Gauge({
    name: 'worker_consumer_lag_events',
    help: 'Events not acknowledged in the sources that this worker reads, by consumer and topic',
    labelNames: ['consumer', 'topic'],
    registers,
    collect() {
      this.reset();
      for (const { consumer, topic, events } of lags.values()) this.inc({ consumer, topic }, events);
    },
  });

  return {
    registry,
    lag: () => [...lags.values()].map(({ topic, source, events }) => ({ topic, source, events })),
    observer: (consumer) => ({
      lag: (topic, source, events) =>
        void lags.set(`${consumer} ${topic} ${source}`, { consumer, topic, source, events }),
      parked: (_topic, { type }) => parked.inc({ consumer, type }),
      dead: ({ type }) => dead.inc({ consumer, type }),
      recovered: ({ type }) => recovered.inc({ consumer, type }),
    }),
    metered: (consumer, handler) => async (delivery) => {
      const { type } = delivery.event;
      const startedMs = performance.now();
      const observe = (result: 'handled' | 'failed') =>
        durations.observe({ consumer, type, result }, (performance.now() - startedMs) / 1_000);
      try {
        await handler(delivery);
        observe('handled');
      } catch (error) {
        observe('failed');
        throw error;
      }
    },
  };
}
