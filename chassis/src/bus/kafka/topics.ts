import { topicNames } from '@platen/schema/events/index';
import type { Kafka } from 'kafkajs';

export interface NewTopics {
  readonly partitions: number;
  readonly replication: number;
}

/** Those that are there keep what they have; who may not create any finds them made by somebody who may. */
export async function createMissingTopics(
  kafka: Kafka,
  { topicPrefix, partitions, replication }: NewTopics & { readonly topicPrefix: string },
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const known = new Set(await admin.listTopics());
    const missing = topicNames.map((name) => `${topicPrefix}${name}`).filter((name) => !known.has(name));
    if (missing.length === 0) return;
    // False, not an error, where another instance was quicker.
    await admin.createTopics({
      topics: missing.map((topic) => ({ topic, numPartitions: partitions, replicationFactor: replication })),
      waitForLeaders: true,
    });
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
