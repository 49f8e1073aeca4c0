import { type Outbox, type OutboxOptions, startOutbox } from '@platen/chassis/bus/outbox-pull';
import { eventSources } from '@platen/schema/events/cloud-event';
import type { Module } from '../module.js';

export interface DataOutbox {
  readonly databases: Outbox['databases'];
  readonly module: Module;
  endPolls(): void;
  stop(): Promise<void>;
}

/** The outboxes of all databases of the catalogue, behind the internal endpoints of the pull transport. */
export function startDataOutbox(options: Omit<OutboxOptions, 'eventSource'>): DataOutbox {
  const outbox = startOutbox({ ...options, eventSource: eventSources.dataPlane });
  return {
    databases: outbox.databases,
    module: { implementations: [], internal: outbox.implementations },
    endPolls: () => outbox.endPolls(),
    stop: () => outbox.stop(),
  };
}
