import { insertEvent } from '@platen/chassis/bus/outbox';
import { jsonSelect } from '@platen/chassis/db/json-select';
import type { ColumnParser, Tx } from '@platen/chassis/db/types';
import { Alert, type telemetryAlertEvents } from '@platen/schema/events/telemetry-alert';
import type { WorkCtx } from '../../module.js';

const ofRule = (column: string) => `(select r.${column} from tel_alert_rules r where r.id = t.rule_id)`;
const ofDevice = (column: string) => `(select d.${column} from tel_devices d where d.id = t.device_id)`;
const ofMetric = (column: string) => `(select m.${column} from tel_metrics m where m.id = ${ofRule('metric_id')})`;

/** Of a row of tel_alerts as `t`: what the API shows of it, and its events carry. */
export const alertItem = jsonSelect(Alert, {
  id: 't.id',
  status: 't.status',
  severity: 't.severity',
  rule: { id: 't.rule_id', code: ofRule('code'), name: ofRule('name') },
  condition: ofRule('condition'),
  device: { id: 't.device_id', code: ofDevice('code'), name: ofDevice('name') },
  metric: { id: ofRule('metric_id'), code: ofMetric('code'), name: ofMetric('name'), unit: ofMetric('unit') },
  raised_at: 't.raised_at',
  value: 't.value',
  acknowledged_at: 't.acknowledged_at',
  acknowledged_by: 't.acknowledged_by',
  note: 't.note',
  resolved_at: 't.resolved_at',
  resolution: 't.resolution',
  resolved_by: 't.resolved_by',
  peak: 't.peak',
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

/** An alert as a statement that wrote it returns it. */
export interface WrittenAlert {
  readonly json: string;
  readonly version: number;
  readonly workspace_id: string | null;
}
export const returnsAlert = `returning ${alertItem} as json, t.version, t.workspace_id`;
export const parseAlert: Readonly<Record<string, ColumnParser>> = { version: 'int' };

/** After the row was written, which holds it. Seen where the alert is, whoever acts. */
export function tellAlert(
  tx: Pick<Tx, 'defer'>,
  ctx: WorkCtx,
  type: keyof typeof telemetryAlertEvents,
  { json, workspace_id: workspaceId }: WrittenAlert,
): void {
  const { tenant, organizationId, correlationId, traceparent } = ctx;
  const origin = { tenant, organizationId, workspaceId, correlationId, traceparent, newId: () => ctx.newId() };
  const data: Alert = JSON.parse(json); // as jsonSelect wrote it by that schema, and checked with the event
  insertEvent(tx, origin, { type, aggregateId: data.id, data });
}
