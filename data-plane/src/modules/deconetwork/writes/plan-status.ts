import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { DnStatusWrite } from '@platen/schema/contracts/internal/deconetwork';
import { siteIsPast, type ToldStatus, toldStatuses } from './known-status.js';
import type { WrittenMap } from './maps-repo.js';
import type { PlanCall, PlannedCall } from './plan-event.js';

const find = statement<{ id: string }>('dn.find_told_order', 'select id from erp_orders where id = $1::uuid');
export const hasOrder = async (db: Queryable, id: string): Promise<boolean> => (await db.query(find, [id])).length > 0;

/** The site's words for what became of the order; undefined: it knows. */
export function planStatus(
  { connection }: Pick<PlanCall, 'connection'>,
  map: WrittenMap,
  status: ToldStatus,
): PlannedCall | undefined {
  if (!connection.write_back.status || siteIsPast(map, status)) return undefined;
  const request: DnStatusWrite = {
    order_id: map.dn_id,
    new_status: toldStatuses[status],
    // Always said: a site that is not told mails its customer.
    contact_customer: connection.write_back.contact_customer ?? false,
  };
  return { kind: 'status', request };
}
