import type { Topic } from '@platen/schema/events/index';
import type { EventBus, EventHandler } from '../bus/bus.js';
import type { PullClient } from '../bus/pull-client.js';
import { createPullBus } from '../bus/pull-consumer.js';
import type { Logger } from '../log/logger.js';
import { traceHandler } from '../tracing/trace-handler.js';
import type { Tracing } from '../tracing/tracing.js';
import type { WorkerSettings } from './fields.js';
import type { WorkerMetrics } from './worker-metrics.js';

/** Before consumers' names in Kafka: what a group cannot handle is kept in the databases of one plane. */
const groupPrefixes = { dataPlane: '', controlPlane: 'control.' } as const;
export type PlaneName = keyof typeof groupPrefixes;

export type Outboxes = Readonly<Record<PlaneName, { readonly outbox: PullClient }>>;

/** What one plane tells and a worker acts on: other types of these topics pass. */
export interface Subscription {
  readonly topics: readonly Topic[];
  readonly handler: EventHandler;
}

export interface ConsumersOptions {
  readonly settings: Pick<WorkerSettings, 'kafka' | 'OUTBOX_LEASE'>;
  readonly planes: Outboxes;
  readonly log: Logger;
  readonly tracing: Tracing | null;
  readonly metrics: WorkerMetrics;
}

export interface Consumers {
  /** Until `stop`. Each plane has a bus of its own: while one is away, the other's events are handled. */
  consume(
    plane: PlaneName,
    subscription: Subscription,
    as: { readonly consumer: string; readonly concurrency: number },
  ): void;
  /** What is being handled is finished and acknowledged. */
  stop(): Promise<void>;
}

/** A worker's consumers, over whatever carries the events. */
export function createConsumers({ settings, planes, log, tracing, metrics }: ConsumersOptions): Consumers {
  const stopping = new AbortController();
  const consuming: Promise<void>[] = [];
  const system = settings.kafka === null ? 'outbox' : 'kafka';
  return {
    consume(plane, { topics, handler }, { consumer, concurrency }) {
      const traced = traceHandler(metrics.metered(consumer, handler), { tracing, consumer, system });
      const observer = metrics.observer(consumer);
      const running = openBus(settings, planes, plane, log).then((bus) =>
        bus.consume({ consumer, concurrency, topics, handler: traced, observer, signal: stopping.signal }),
      );
      consuming.push(running);
    },
    async stop() {
      stopping.abort();
      await Promise.all(consuming);
    },
  };
}

async function openBus(
  { kafka, OUTBOX_LEASE: leaseMs }: ConsumersOptions['settings'],
  planes: Outboxes,
  plane: PlaneName,
  log: Logger,
): Promise<EventBus> {
  const { outbox } = planes[plane];
  const seconds = Math.round(leaseMs / 1_000);
  if (kafka === null) return createPullBus({ client: outbox, log, leaseSeconds: seconds });
  // Its client is a good part of a start, and most installations do without.
  const { createKafkaBus } = await import('../bus/kafka/consumer.js');
  return createKafkaBus({
    kafka,
    letters: outbox,
    groupPrefix: groupPrefixes[plane],
    log,
    sessionSeconds: seconds,
  });
}
