import type { TableAccess } from '../../access.js';
import { plumbingAccess } from '../plumbing-access.js';
import type { telemetryTables } from './tables.js';

/** What the end of a tenant takes: deleting, within the tenant that is set, without seeing anything. */
const purge = { platen_system: ['delete'] } as const;
const document = { class: 'scoped', grants: { platen_app: ['select', 'insert', 'update'], ...purge } } as const;
const removable = {
  class: 'scoped',
  grants: { platen_app: ['select', 'insert', 'update', 'delete'], ...purge },
} as const;
const ofTenant = 'the number is of the tenant, and given by us: nobody learns of another by asking for one';
/** Computed again whenever something comes late. */
const computed = (view: string) =>
  ({ class: 'readings', view, grants: { platen_app: ['select', 'insert', 'update', 'delete'], ...purge } }) as const;

export const telemetryAccess = {
  telDevices: { ...document, globalKeys: { tel_devices_no_key: ofTenant } },
  telDeviceCredentials: removable,
  // A metric is what devices of all workspaces have in common.
  telMetrics: {
    class: 'shared',
    grants: { platen_app: ['select', 'insert', 'update'], ...purge },
    globalKeys: { tel_metrics_no_key: ofTenant },
  },
  // Never changed; they go when their time is over.
  telReadings: {
    class: 'readings',
    view: 'tel_own_readings',
    grants: { platen_app: ['select', 'insert', 'delete'], ...purge },
  },
  telLatest: computed('tel_own_latest'),
  telReadings1m: computed('tel_own_readings_1m'),
  telReadings1h: computed('tel_own_readings_1h'),
  telReadings1d: computed('tel_own_readings_1d'),
  // Put by whoever stores readings; the system sees which tenants have some.
  telDirtyBuckets: {
    class: 'plumbing',
    grants: { platen_app: ['select', 'insert', 'delete'], platen_system: ['select', 'delete'] },
  },
  telRetentionPolicies: { class: 'shared', grants: { platen_app: ['select', 'insert', 'update'], ...purge } },
  telAlertRules: removable,
  telAlertStates: removable,
  telAlerts: removable,
  telJobRuns: document,
  telNumbers: {
    class: 'plumbing',
    grants: { platen_app: ['select', 'insert', 'update'], platen_system: ['select', 'delete'] },
  },
  ...plumbingAccess,
} as const satisfies Record<keyof typeof telemetryTables, TableAccess>;
