import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';

export const probe = statement<{ one: string }>('tenant_lifecycle_probe', 'select 1 as one');

/** Nothing reads it: it proves that the application can write in this scope, and the second time finds the first. */
const insert = statement<never>(
  'tenant_lifecycle_mark',
  `insert into inbox_events (tenant_id, consumer, event_id) values ($1, 'tenant.lifecycle', $1) on conflict do nothing`,
);

export function insertMark(tx: Tx, tenantId: string): void {
  tx.defer(insert, [tenantId]);
}
