import type { EventSource } from '@platen/schema/events/cloud-event';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Logger } from '../log/logger.js';
import { traceProducer } from '../tracing/trace-producer.js';
import type { Tracing } from '../tracing/tracing.js';
import type { Relay } from './kafka/relay.js';
import type { RelaySettings } from './kafka/settings.js';
import type { OutboxDatabase } from './outbox-service.js';

export interface Relays {
  /** Relays what is there, within seconds, and lets go: other instances go on. To be called after the listeners have closed. */
  stop(): Promise<void>;
}

/** A relay for each database of a service, where there is a broker. */
export async function startRelays(options: {
  /** Null: workers pull. */
  readonly settings: RelaySettings | null;
  readonly databases: readonly OutboxDatabase[];
  /** CloudEvents `source` of everything in them. */
  readonly eventSource: EventSource;
  readonly log: Logger;
  readonly registry: Registry;
  readonly tracing?: Tracing | null;
}): Promise<Relays> {
  const { settings, databases, eventSource, log, registry, tracing = null } = options;
  if (settings === null) return { stop: async () => undefined };
  // Loading the client takes a good part of a start, and most installations do without.
  const [{ openProducer }, { startRelay }] = await Promise.all([
    import('./kafka/producer.js'),
    import('./kafka/relay.js'),
  ]);
  const { kafka, ...topics } = settings;
  const counter = new Counter({
    name: 'events_relayed_total',
    help: 'Events given to the broker by this instance',
    labelNames: ['database', 'topic'],
    registers: [registry],
  });
  const relays = databases.map((database): [string, Relay] => [
    database.key,
    startRelay({
      database,
      eventSource,
      log,
      openProducer: async () => traceProducer(await openProducer({ kafka, topics, log }), tracing),
      observer: { relayed: (topic, events) => counter.inc({ database: database.key, topic }, events) },
    }),
  ]);
  new Gauge({
    name: 'relay_is_holder',
    help: '1: this instance relays the database to the broker',
    labelNames: ['database'],
    registers: [registry],
    collect() {
      for (const [database, relay] of relays) this.set({ database }, relay.isHolder ? 1 : 0);
    },
  });
  return {
    async stop() {
      await Promise.all(relays.map(([, relay]) => relay.stop()));
    },
  };
}
