import type { Sweep } from '../db/sweeps.js';
import { deleteDelivered } from './outbox-leases.js';

/** Every consumer is past them; kept so long that a new or mended consumer can still be sent a week again. Readers of streams may be away as long. */
const retentionSeconds = 7 * 86_400;

export const outboxSweep = (streamedTopics: readonly string[] = []): Sweep => ({
  name: 'delivered events',
  deleteSome: (db, limit) => deleteDelivered(db, retentionSeconds, limit, streamedTopics),
});
