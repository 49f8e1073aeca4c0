import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { AlertRule, alertRules } from '@platen/schema/contracts/data/telemetry-alert-rules';
import type { AlertCondition, AlertResolution, AlertSeverity } from '@platen/schema/states/telemetry';
import { type JsonRow, parseJsonRow } from '../../../stored-json.js';
import { listing } from '../../documents/index.js';
import type { WorkCtx } from '../../module.js';
import { parseAlert, returnsAlert, tellAlert, type WrittenAlert } from './alert-json.js';

const item = jsonSelect(AlertRule, {
  id: 't.id',
  code: 't.code',
  name: 't.name',
  metric_id: 't.metric_id',
  device_id: 't.device_id',
  condition: 't.condition',
  threshold: 't.threshold',
  clear_threshold: 't.clear_threshold',
  duration_seconds: 't.duration_seconds',
  severity: 't.severity',
  enabled: 't.enabled',
  watched_from: 't.watched_from',
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

export const listRules = listing({
  contract: alertRules.list,
  table: '(select * from tel_alert_rules where removed_at is null)',
  item,
  filters: { metric_id: 'uuid', device_id: 'uuid' },
});

const find = statement<JsonRow>(
  'telemetry_alert_rule.find',
  `select ${item} as json, t.version from tel_alert_rules t where t.id = $1::uuid and t.removed_at is null`,
  { parse: parseJsonRow },
);

export const findRule = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

/** A rule as its writes and its back-test need it. */
export interface RuleRow {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly metric_id: string;
  readonly device_id: string | null;
  readonly condition: AlertCondition;
  readonly threshold: number | null;
  readonly clear_threshold: number | null;
  readonly duration_seconds: number;
  readonly severity: AlertSeverity;
  readonly enabled: boolean;
  readonly workspace_id: string | null;
  readonly version: number;
}
const ruleColumns = `id, workspace_id, code, name, metric_id, device_id, condition, threshold, clear_threshold, duration_seconds, severity,
  enabled, version`;
const parseNullable = (text: string) => Number(text);
const parseRule = {
  threshold: parseNullable,
  clear_threshold: parseNullable,
  duration_seconds: 'int',
  enabled: 'bool',
  version: 'int',
} as const;

const read = statement<RuleRow>(
  'telemetry_alert_rule.read',
  `select ${ruleColumns} from tel_alert_rules where id = $1::uuid and removed_at is null`,
  { parse: parseRule },
);
export const readRule = async (db: Queryable, id: string): Promise<RuleRow | undefined> =>
  (await db.query(read, [id]))[0];

const lock = statement<RuleRow>(
  'telemetry_alert_rule.lock',
  `select ${ruleColumns} from tel_alert_rules where id = $1::uuid and removed_at is null for update`,
  { parse: parseRule },
);
export const lockRule = async (tx: Tx, id: string): Promise<RuleRow | undefined> => (await tx.query(lock, [id]))[0];

const count = statement<{ count: number }>(
  'telemetry_alert_rule.count',
  'select count(*)::int as count from tel_alert_rules where removed_at is null',
  { parse: { count: 'int' } },
);
/** Those that the scope sees. */
export const countRules = async (tx: Tx): Promise<number> => (await tx.query(count))[0]?.count ?? 0;

const insert = statement<JsonRow>(
  'telemetry_alert_rule.insert',
  `insert into tel_alert_rules as t (tenant_id, organization_id, workspace_id, id, code, name, metric_id, device_id, condition,
     threshold, clear_threshold, duration_seconds, severity, enabled, watched_from)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6, $7::uuid, $8::uuid, $9, $10::float8, $11::float8, $12::int, $13,
     $14::bool, $15::timestamptz)
   returning ${item} as json, t.version`,
  { parse: parseJsonRow },
);

export const insertRule = async (
  tx: Tx,
  ctx: WorkCtx,
  row: Omit<RuleRow, 'version' | 'workspace_id'>,
): Promise<JsonRow | undefined> =>
  (
    await tx.query(insert, [
      ctx.tenant.id,
      ctx.organizationId,
      ctx.workspaceId,
      row.id,
      row.code,
      row.name,
      row.metric_id,
      row.device_id,
      row.condition,
      row.threshold,
      row.clear_threshold,
      row.duration_seconds,
      row.severity,
      row.enabled,
      ctx.now(),
    ])
  )[0];

const update = statement<JsonRow>(
  'telemetry_alert_rule.update',
  `update tel_alert_rules t set code = $2, name = $3, threshold = $4::float8, clear_threshold = $5::float8,
     duration_seconds = $6::int, severity = $7, enabled = $8::bool, watched_from = coalesce($9::timestamptz, t.watched_from),
     version = t.version + 1, updated_at = now()
   where t.id = $1::uuid returning ${item} as json, t.version`,
  { parse: parseJsonRow },
);

/** `watchedFrom` null: it stays. */
export const updateRule = async (tx: Tx, row: RuleRow, watchedFrom: Date | null): Promise<JsonRow | undefined> =>
  (
    await tx.query(update, [
      row.id,
      row.code,
      row.name,
      row.threshold,
      row.clear_threshold,
      row.duration_seconds,
      row.severity,
      row.enabled,
      watchedFrom,
    ])
  )[0];

const remove = statement<never>(
  'telemetry_alert_rule.remove',
  `update tel_alert_rules set enabled = false, removed_at = $2::timestamptz, version = version + 1, updated_at = now()
   where id = $1::uuid`,
);
export function removeRule(tx: Tx, id: string, now: Date): void {
  tx.defer(remove, [id, now]);
}

const forget = statement<never>('telemetry_alert_rule.forget', 'delete from tel_alert_states where rule_id = $1::uuid');
const resolve = statement<WrittenAlert>(
  'telemetry_alert_rule.resolve',
  `update tel_alerts t set status = 'resolved', resolution = $2, resolved_at = greatest($3::timestamptz, t.raised_at),
     peak = (select s.peak from tel_alert_states s where s.rule_id = t.rule_id and s.device_id = t.device_id),
     version = t.version + 1, updated_at = now()
   where t.rule_id = $1::uuid and t.status <> 'resolved' ${returnsAlert}`,
  { parse: parseAlert },
);

/** What a rule has open ends, and the look at it begins anew. Under the organization's lock. */
export async function endLooks(tx: Tx, ctx: WorkCtx, ruleId: string, resolution: AlertResolution): Promise<void> {
  const resolved = await tx.query(resolve, [ruleId, resolution, ctx.now()]);
  for (const alert of resolved) tellAlert(tx, ctx, 'telemetry.alert.resolved', alert);
  tx.defer(forget, [ruleId]);
}

const selectMetric = statement<{ id: string }>(
  'telemetry_alert_rule.metric',
  'select id from tel_metrics where id = $1::uuid',
);
const selectDevice = statement<{ id: string }>(
  'telemetry_alert_rule.device',
  'select id from tel_devices where id = $1::uuid',
);

/** Which of the two the caller does not see, by their fields. */
export async function listUnknown(
  db: Queryable,
  { metric_id, device_id }: { readonly metric_id: string; readonly device_id: string | null },
): Promise<string[]> {
  const [metrics, devices] = await Promise.all([
    db.query(selectMetric, [metric_id]),
    device_id === null ? [device_id] : db.query(selectDevice, [device_id]),
  ]);
  return [...(metrics.length === 0 ? ['metric_id'] : []), ...(devices.length === 0 ? ['device_id'] : [])];
}
