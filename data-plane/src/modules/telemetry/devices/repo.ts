import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { Device, devices } from '@platen/schema/contracts/data/telemetry-devices';
import type { DeviceStatus } from '@platen/schema/states/telemetry';
import { type ChangeRow, type JsonRow, parseChangeRow, parseJsonRow } from '../../../stored-json.js';
import { listing } from '../../documents/index.js';
import { addUsage } from '../../usage-counters.js';
import { numberOf } from '../numbers.js';
import { saysCodeOrName } from '../search.js';

const item = jsonSelect(Device, {
  id: 't.id',
  workspace_id: 't.workspace_id',
  code: 't.code',
  name: 't.name',
  kind: 't.kind',
  status: 't.status',
  attributes: jsonExpression('t.attributes'),
  last_seen_at: 't.last_seen_at',
  clock_skew_ms: 't.clock_skew_ms',
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

export const listDevices = listing({
  contract: devices.list,
  table: 'tel_devices',
  item,
  filters: { status: 'text', kind: 'text', q: saysCodeOrName },
});

const find = statement<JsonRow>(
  'device.find',
  `select ${item} as json, t.version from tel_devices t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);

export const findDevice = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

export interface NewDevice {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly workspaceId: string | null;
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly kind: string;
  readonly attributes: object;
}

const insert = statement<JsonRow>(
  'device.insert',
  `with ${numberOf('device')}
   insert into tel_devices as t
     (tenant_id, organization_id, workspace_id, id, code, name, kind, attributes, device_no)
   select $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6, $7, $8::jsonb, numbered.last_no::int from numbered
   returning ${item} as json, t.version`,
  { parse: parseJsonRow },
);

/** The transaction's last statement: the number is the tenant's, and others wait for it. */
export const insertDevice = async (tx: Tx, row: NewDevice): Promise<JsonRow | undefined> =>
  (
    await tx.query(insert, [
      row.tenantId,
      row.organizationId,
      row.workspaceId,
      row.id,
      row.code,
      row.name,
      row.kind,
      JSON.stringify(row.attributes),
    ])
  )[0];

const lockStatus = statement<{ status: DeviceStatus }>(
  'device.lock_status',
  'select status from tel_devices where id = $1::uuid for update',
);

export const lockDeviceStatus = async (tx: Tx, id: string): Promise<DeviceStatus | undefined> =>
  (await tx.query(lockStatus, [id]))[0]?.status;

/** Columns to change, under their own names; absent ones stay. */
export interface DevicePatch {
  readonly code?: string;
  readonly name?: string;
  readonly kind?: string;
  readonly attributes?: object;
  readonly status?: DeviceStatus;
}

const update = statement<ChangeRow>(
  'device.update',
  `with found as (select t.id, t.version from tel_devices t where t.id = $1::uuid),
   changed as (
     update tel_devices t
     set (code, name, kind, attributes, status) =
         (select n.code, n.name, n.kind, n.attributes, n.status from jsonb_populate_record(t, $3::jsonb) n),
       version = t.version + 1, updated_at = now()
     where t.id = $1::uuid and ($2::int is null or t.version = $2::int)
     returning ${item} as json, t.version
   )
   select found.version as version_before, changed.json, changed.version from found left join changed on true`,
  { parse: parseChangeRow },
);

export const updateDevice = async (
  db: Queryable,
  id: string,
  ifMatch: number | null,
  patch: DevicePatch,
): Promise<ChangeRow | undefined> => (await db.query(update, [id, ifMatch, JSON.stringify(patch)]))[0];

/** Active devices of the tenant, over all its organizations. False: one more would be more than the limit. */
export const countDevices = async (tx: Tx, tenantId: string, more: 1 | -1, limit: number | null): Promise<boolean> =>
  (await addUsage(tx, { tenantId, limitCode: 'devices', period: 'all' }, more, limit)) !== null;
