import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';

const newest = statement<{ id: string }>(
  'dn.newest_comparison',
  `select i.id from dn_import_jobs i
   where i.connection_id = $1::uuid and i.task = 'compare'
     and (select t.status from erp_jobs t where t.id = i.id) = 'succeeded'
   order by i.id desc limit 1`,
);
/** That came to its end: what one found that was cut short is not how both sides differ. */
export const findNewestComparison = async (db: Queryable, connectionId: string): Promise<string | undefined> =>
  (await db.query(newest, [connectionId]))[0]?.id;
