import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  doublePrecision,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import {
  alertConditions,
  alertPhases,
  alertResolutions,
  alertSeverities,
  alertStatuses,
} from '../../states/telemetry.js';
import { id, instant, oneOf, owner, stamps, version } from '../columns.js';
import { telDevices, telMetrics } from './devices.js';

/** When a metric of a device is worth an alert. */
export const telAlertRules = pgTable(
  'tel_alert_rules',
  {
    ...owner(),
    id: id(),
    code: text().notNull(),
    name: text().notNull(),
    metric_id: uuid().notNull(),
    /** Null: every device that measures it. */
    device_id: uuid(),
    condition: text().notNull(),
    /** Null with `no_data` alone. */
    threshold: doublePrecision(),
    /** Once raised it holds until this is passed the other way; null: the threshold itself. */
    clear_threshold: doublePrecision(),
    /** For how long the condition has to hold, or nothing to come. */
    duration_seconds: integer().notNull().default(0),
    severity: text().notNull().default('warning'),
    enabled: boolean().notNull().default(true),
    /** Since when it stands as it does, enabled: what was measured before is none of its business. */
    watched_from: instant().notNull().defaultNow(),
    /** It stays for the alerts that it raised; its code is free again. */
    removed_at: instant(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'tel_alert_rules_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    uniqueIndex('tel_alert_rules_code_idx').on(t.tenant_id, t.organization_id, t.code).where(sql`removed_at is null`),
    foreignKey({
      name: 'tel_alert_rules_metric_fkey',
      columns: [t.tenant_id, t.organization_id, t.metric_id],
      foreignColumns: [telMetrics.tenant_id, telMetrics.organization_id, telMetrics.id],
    }),
    foreignKey({
      name: 'tel_alert_rules_device_fkey',
      columns: [t.tenant_id, t.organization_id, t.device_id],
      foreignColumns: [telDevices.tenant_id, telDevices.organization_id, telDevices.id],
    }),
    oneOf('tel_alert_rules', t.condition, alertConditions),
    oneOf('tel_alert_rules', t.severity, alertSeverities),
    check('tel_alert_rules_removed_check', sql`removed_at is null or not enabled`),
    check('tel_alert_rules_threshold_check', sql`(threshold is null) = (condition = 'no_data')`),
    check(
      'tel_alert_rules_clear_check',
      sql`clear_threshold is null or condition = 'above' and clear_threshold <= threshold or condition = 'below' and clear_threshold >= threshold`,
    ),
    check(
      'tel_alert_rules_duration_check',
      sql`duration_seconds >= 0 and (condition <> 'no_data' or duration_seconds > 0)`,
    ),
  ],
);

/** Where the look at a rule at a device stands: what it goes on from when more comes in, or nothing does. */
export const telAlertStates = pgTable(
  'tel_alert_states',
  {
    ...owner(),
    rule_id: uuid().notNull(),
    device_id: uuid().notNull(),
    phase: text().notNull().default('clear'),
    /** Since when, by the readings' own times. */
    since: instant().notNull(),
    /** The reading up to which it has looked. */
    looked_until: instant().notNull(),
    /** The furthest beyond the threshold since the condition began to hold. */
    peak: doublePrecision(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'tel_alert_states_pkey', columns: [t.tenant_id, t.organization_id, t.rule_id, t.device_id] }),
    foreignKey({
      name: 'tel_alert_states_rule_fkey',
      columns: [t.tenant_id, t.organization_id, t.rule_id],
      foreignColumns: [telAlertRules.tenant_id, telAlertRules.organization_id, telAlertRules.id],
    }),
    foreignKey({
      name: 'tel_alert_states_device_fkey',
      columns: [t.tenant_id, t.organization_id, t.device_id],
      foreignColumns: [telDevices.tenant_id, telDevices.organization_id, telDevices.id],
    }),
    oneOf('tel_alert_states', t.phase, alertPhases),
  ],
);

/** That a rule's condition held, from when until when, and who has seen it. */
export const telAlerts = pgTable(
  'tel_alerts',
  {
    ...owner(),
    id: id(),
    rule_id: uuid().notNull(),
    device_id: uuid().notNull(),
    status: text().notNull().default('open'),
    severity: text().notNull(),
    /** By the readings' own times. */
    raised_at: instant().notNull(),
    /** What was measured then; null: nothing was. */
    value: doublePrecision(),
    acknowledged_at: instant(),
    acknowledged_by: uuid(),
    note: text(),
    resolved_at: instant(),
    resolution: text(),
    /** Whoever did it by hand. */
    resolved_by: uuid(),
    /** The furthest beyond the threshold, told when it is over. */
    peak: doublePrecision(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'tel_alerts_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    foreignKey({
      name: 'tel_alerts_rule_fkey',
      columns: [t.tenant_id, t.organization_id, t.rule_id],
      foreignColumns: [telAlertRules.tenant_id, telAlertRules.organization_id, telAlertRules.id],
    }),
    foreignKey({
      name: 'tel_alerts_device_fkey',
      columns: [t.tenant_id, t.organization_id, t.device_id],
      foreignColumns: [telDevices.tenant_id, telDevices.organization_id, telDevices.id],
    }),
    uniqueIndex('tel_alerts_unresolved_idx')
      .on(t.tenant_id, t.organization_id, t.rule_id, t.device_id)
      .where(sql`status <> 'resolved'`),
    index('tel_alerts_raised_idx').on(t.tenant_id, t.organization_id, t.raised_at, t.id),
    oneOf('tel_alerts', t.status, alertStatuses),
    oneOf('tel_alerts', t.severity, alertSeverities),
    oneOf('tel_alerts', t.resolution, alertResolutions),
    check(
      'tel_alerts_resolved_check',
      sql`(resolved_at is null) = (status <> 'resolved') and (resolution is null) = (status <> 'resolved')`,
    ),
  ],
);
