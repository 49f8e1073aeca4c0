import type { TableAccess } from '../access.js';

/** Of the plumbing that every ERP and telemetry database has. */
export const plumbingAccess = {
  outboxEvents: {
    class: 'plumbing',
    grants: { platen_app: ['select', 'insert'], platen_system: ['select', 'update (position)', 'delete'] },
    globalKeys: { outbox_events_position_key: 'one sequence of positions per database; the application never sets it' },
  },
  outboxPositions: {
    class: 'database',
    grants: { platen_system: ['select', 'insert', 'update', 'delete'] },
  },
  outboxDeadLetters: {
    class: 'plumbing',
    grants: { platen_system: ['select', 'insert', 'update', 'delete'] },
  },
  inboxEvents: {
    class: 'plumbing',
    grants: { platen_app: ['select', 'insert'], platen_system: ['select', 'delete'] },
  },
  idempotencyKeys: {
    class: 'plumbing',
    grants: { platen_app: ['select', 'insert', 'update', 'delete'], platen_system: ['select', 'delete'] },
  },
  // Put and taken away with what it is about; found and leased by the system, which sees every tenant's.
  dueWork: {
    class: 'plumbing',
    grants: {
      platen_app: ['select', 'insert', 'update', 'delete'],
      platen_system: ['select', 'update', 'delete'],
    },
  },
  usageCounters: {
    class: 'plumbing',
    grants: { platen_app: ['select', 'insert', 'update'], platen_system: ['select', 'update', 'delete'] },
  },
} as const satisfies Record<string, TableAccess>;
