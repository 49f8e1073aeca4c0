import type { Sweep } from '../db/sweeps.js';
import { deleteDelivered, type Retention } from './outbox-leases.js';

/** Every consumer is past them; kept so long that a new or mended consumer can still be sent a week again. Readers of streams may be away as long. */
const retentionSeconds = 7 * 86_400;

export const outboxSweep = (retention: Retention = {}): Sweep => ({
  name: 'delivered events',
  deleteSome: (db, limit) => deleteDelivered(db, retentionSeconds, limit, retention),
});
