import { sql } from 'drizzle-orm';
import { check, foreignKey, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { deviceKinds, deviceStatuses, metricKinds } from '../../states/telemetry.js';
import { createdAt, id, instant, oneOf, owner, sha256, stamps, version } from '../columns.js';

/** A machine or a sensor. Its readings know it by its number alone, so it is looked up here first, under the policies. */
export const telDevices = pgTable(
  'tel_devices',
  {
    ...owner(),
    id: id(),
    code: text().notNull(),
    name: text().notNull(),
    kind: text().notNull(),
    /** Of the tenant, for good: never given to another device. */
    device_no: integer().notNull(),
    status: text().notNull().default('active'),
    /** When something of it last arrived, whatever its clock said; kept from time to time, not with each batch. */
    last_seen_at: instant(),
    /** Its clock less ours, of the last batch that was stored; null: it has sent none. */
    clock_skew_ms: integer(),
    attributes: jsonb().notNull().default({}),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'tel_devices_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('tel_devices_code_key').on(t.tenant_id, t.organization_id, t.code),
    unique('tel_devices_no_key').on(t.tenant_id, t.device_no),
    oneOf('tel_devices', t.kind, deviceKinds),
    oneOf('tel_devices', t.status, deviceStatuses),
    check('tel_devices_no_check', sql`device_no > 0`),
  ],
);

/** What a device shows when it sends: the secret's hash alone. Two are valid while one takes the other's place. */
export const telDeviceCredentials = pgTable(
  'tel_device_credentials',
  {
    ...owner(),
    id: id(),
    device_id: uuid().notNull(),
    /** The part of the secret that it is found by. */
    prefix: text().notNull(),
    secret_hash: sha256().notNull(),
    expires_at: instant(),
    last_used_at: instant(),
    revoked_at: instant(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'tel_device_credentials_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('tel_device_credentials_prefix_key').on(t.tenant_id, t.organization_id, t.prefix),
    foreignKey({
      name: 'tel_device_credentials_device_fkey',
      columns: [t.tenant_id, t.organization_id, t.device_id],
      foreignColumns: [telDevices.tenant_id, telDevices.organization_id, telDevices.id],
    }),
  ],
);

/** What is measured, by whatever device. */
export const telMetrics = pgTable(
  'tel_metrics',
  {
    ...owner(),
    id: id(),
    code: text().notNull(),
    name: text().notNull(),
    /** UCUM; null: a mere number. */
    unit: text(),
    kind: text().notNull(),
    /** Of the tenant, for good. */
    metric_no: integer().notNull(),
    /** How often it is measured: more time than some of these without a reading is a gap. Null: no gaps are told. */
    expected_interval_ms: integer(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'tel_metrics_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('tel_metrics_code_key').on(t.tenant_id, t.organization_id, t.code),
    unique('tel_metrics_no_key').on(t.tenant_id, t.metric_no),
    oneOf('tel_metrics', t.kind, metricKinds),
    check('tel_metrics_no_check', sql`metric_no > 0`),
    check('tel_metrics_interval_check', sql`expected_interval_ms > 0`),
  ],
);
