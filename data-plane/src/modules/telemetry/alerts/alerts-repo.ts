import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage, lastId, type Page } from '@platen/chassis/http/paging';
import { alerts } from '@platen/schema/contracts/data/telemetry-alerts';
import type { AlertStatus } from '@platen/schema/states/telemetry';
import { type JsonRow, parseJsonRow } from '../../../stored-json.js';
import { alertItem, parseAlert, returnsAlert, type WrittenAlert } from './alert-json.js';

const filters = {
  status: (parameter: string) => `t.status = ${parameter}::text`,
  severity: (parameter: string) => `t.severity = ${parameter}::text`,
  device_id: (parameter: string) => `t.device_id = ${parameter}::uuid`,
  rule_id: (parameter: string) => `t.rule_id = ${parameter}::uuid`,
  from: (parameter: string) => `t.raised_at >= ${parameter}::timestamptz`,
  to: (parameter: string) => `t.raised_at < ${parameter}::timestamptz`,
} as const;
export type AlertFilter = keyof typeof filters;
export const alertFilters = Object.keys(filters) as AlertFilter[]; // its own keys

const pages = new Map<string, Page>();

/** Newest first by when they were raised. A condition that might be absent would keep the planner from the index. */
export function alertPage(used: readonly AlertFilter[]): Page {
  const variant = used.join('+');
  const known = pages.get(variant);
  if (known) return known;
  const made = definePage({
    contract: alerts.list,
    ...(variant !== '' && { variant }),
    item: alertItem,
    key: `concat(to_char(t.raised_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), ' ', t.id)`,
    rows: `select t.* from tel_alerts t
      where (t.raised_at, t.id) < (split_part($2, ' ', 1)::timestamptz, split_part($2, ' ', 2)::uuid)
        ${used.map((name, index) => `and ${filters[name](`$${index + 3}`)}`).join(' ')}
      order by t.raised_at desc, t.id desc`,
    start: `infinity ${lastId}`,
  });
  pages.set(variant, made);
  return made;
}

const find = statement<JsonRow>(
  'telemetry_alert.find',
  `select ${alertItem} as json, t.version from tel_alerts t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);
export const findAlert = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

interface LockedAlert {
  readonly status: AlertStatus;
  readonly version: number;
}
const lock = statement<LockedAlert>(
  'telemetry_alert.lock',
  'select status, version from tel_alerts where id = $1::uuid for update',
  { parse: { version: 'int' } },
);
export const lockAlert = async (tx: Tx, id: string): Promise<LockedAlert | undefined> =>
  (await tx.query(lock, [id]))[0];

/** By whom, when, and what was said. */
export interface ByHand {
  readonly by: string;
  readonly at: Date;
  readonly note: string | null;
}

const acknowledge = statement<WrittenAlert>(
  'telemetry_alert.acknowledge',
  `update tel_alerts t set status = 'acknowledged', acknowledged_by = $2::uuid, acknowledged_at = $3::timestamptz,
     note = coalesce($4, t.note), version = t.version + 1, updated_at = now()
   where t.id = $1::uuid ${returnsAlert}`,
  { parse: parseAlert },
);
const resolve = statement<WrittenAlert>(
  'telemetry_alert.resolve',
  `update tel_alerts t set status = 'resolved', resolution = 'by_hand', resolved_by = $2::uuid,
     resolved_at = greatest($3::timestamptz, t.raised_at), note = coalesce($4, t.note),
     peak = (select s.peak from tel_alert_states s where s.rule_id = t.rule_id and s.device_id = t.device_id),
     version = t.version + 1, updated_at = now()
   where t.id = $1::uuid ${returnsAlert}`,
  { parse: parseAlert },
);

const byHand = { acknowledged: acknowledge, resolved: resolve };

export async function updateAlert(
  tx: Tx,
  id: string,
  status: keyof typeof byHand,
  { by, at, note }: ByHand,
): Promise<WrittenAlert> {
  const [written] = await tx.query(byHand[status], [id, by, at, note]);
  if (written === undefined) throw new Error('an alert that is locked is there');
  return written;
}
