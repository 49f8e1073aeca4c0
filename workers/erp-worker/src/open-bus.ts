import type { EventBus } from '@platen/chassis/bus/bus';
import { createPullBus } from '@platen/chassis/bus/pull-consumer';
import type { Logger } from '@platen/chassis/log/logger';
import type { DataInternalClient } from '@platen/sdk/internal';
import type { Config } from './config.js';

/** Before consumers' names in Kafka: what a group cannot handle is kept in the databases of one plane. */
const groupPrefixes = { dataPlane: '', controlPlane: 'control.' } as const;

export interface Outboxes {
  readonly dataPlane: Pick<DataInternalClient, 'outbox'>;
  readonly controlPlane: Pick<DataInternalClient, 'outbox'>;
}

/** What a plane tells, over whatever carries it. */
export async function openBus(
  config: Pick<Config, 'kafka' | 'OUTBOX_LEASE'>,
  planes: Outboxes,
  plane: keyof Outboxes,
  log: Logger,
): Promise<EventBus> {
  const { outbox } = planes[plane];
  const seconds = Math.round(config.OUTBOX_LEASE / 1_000);
  if (config.kafka === null) return createPullBus({ client: outbox, log, leaseSeconds: seconds });
  // Its client is a good part of a start, and most installations do without.
  const { createKafkaBus } = await import('@platen/chassis/bus/kafka/consumer');
  return createKafkaBus({
    kafka: config.kafka,
    letters: outbox,
    groupPrefix: groupPrefixes[plane],
    log,
    sessionSeconds: seconds,
  });
}
