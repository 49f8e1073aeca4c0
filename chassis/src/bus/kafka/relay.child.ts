import { eventSources } from '@platen/schema/events/cloud-event';
import { systemDatabase } from '../../db/system-database.js';
import { createLogger } from '../../log/logger.js';
import { startSequencer } from '../sequencer.js';
import { openProducer } from './producer.js';
import { startRelay } from './relay.js';

/** A relay as a process of its own, to be killed: says `relayed` for what it has relayed. */
const [, , url = '', broker = '', topicPrefix = ''] = process.argv;
const log = createLogger({ service: 'relay', level: 'warn' });
const kafka = { brokers: [broker], clientId: 'test', ssl: false, topicPrefix };
startRelay({
  database: {
    key: 'test',
    system: systemDatabase({ name: 'test', url, poolSize: 2 }),
    sequencer: startSequencer({ url, name: 'test', log }),
  },
  eventSource: eventSources.dataPlane,
  openProducer: () => openProducer({ kafka, topics: { partitions: 3, replication: 1 }, log }),
  log,
  leaseSeconds: 2,
  observer: { relayed: (_topic, events) => process.stdout.write(`relayed ${events}\n`) },
});
