import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { maxFeedLag } from '@platen/schema/contracts/platform/data-planes';
import type { InstanceKind } from '@platen/schema/tables/control/platform';
import { instanceLiveSeconds } from '../feed/index.js';

export interface InstanceRow {
  readonly id: string;
  readonly kind: InstanceKind;
  readonly alive: boolean;
  readonly last_seen_at: Date;
  readonly created_at: Date;
  readonly feed_position: string;
  readonly feed_lag: number;
  readonly key_ids: readonly string[];
  readonly databases: Readonly<Record<string, string>>;
}

/**
 * The log's numbers have gaps where a transaction was rolled back, so changes are counted; up to a bound, or many instances
 * that are gone would have the whole log counted for each.
 */
const list = statement<InstanceRow>(
  'data_planes_list',
  `select i.id, i.kind, i.last_seen_at > now() - make_interval(secs => $1::int) as alive, i.last_seen_at, i.created_at,
     i.feed_position::text as feed_position, to_json(i.key_ids) as key_ids, i.databases,
     (select count(*) from (select from control_changes c where c.seq > i.feed_position limit ${maxFeedLag}) behind) as feed_lag
   from platform_instances i order by i.kind desc, i.last_seen_at desc, i.id limit 1000`,
  {
    parse: {
      alive: 'bool',
      last_seen_at: 'date',
      created_at: 'date',
      key_ids: 'json',
      databases: 'json',
      feed_lag: 'int',
    },
  },
);

export const listInstances = (db: Queryable): Promise<InstanceRow[]> => db.query(list, [instanceLiveSeconds]);

export interface DatabaseUse {
  readonly key: string;
  readonly status: string;
  readonly tenants: number;
}

const countByDatabase = statement<DatabaseUse>(
  'databases_count_tenants',
  `select key, status, count(*) as tenants
   from (select erp_db_key as key, status from tenants
     union all select telemetry_db_key, status from tenants where telemetry_db_key is not null) t
   group by key, status order by key, status`,
  { parse: { tenants: 'int' } },
);

export const countTenantsByDatabase = (db: Queryable): Promise<DatabaseUse[]> => db.query(countByDatabase);
