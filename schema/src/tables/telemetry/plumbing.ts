import { bigint, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { numberedKinds } from '../../states/telemetry.js';
import { oneOf, stamps } from '../columns.js';
import * as plumbing from '../plumbing.js';

/** The plumbing of a telemetry database. */
export const outboxEvents = plumbing.outboxEvents();
export const outboxPositions = plumbing.outboxPositions();
export const outboxDeadLetters = plumbing.outboxDeadLetters();
export const inboxEvents = plumbing.inboxEvents();
export const idempotencyKeys = plumbing.idempotencyKeys();
export const dueWork = plumbing.dueWork();
export const usageCounters = plumbing.usageCounters();

/** The last number of each kind that a tenant was given, whichever organization took it. Numbers may have gaps. */
export const telNumbers = pgTable(
  'tel_numbers',
  {
    tenant_id: uuid().notNull(),
    kind: text().notNull(),
    last_no: bigint({ mode: 'number' }).notNull().default(0),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'tel_numbers_pkey', columns: [t.tenant_id, t.kind] }),
    oneOf('tel_numbers', t.kind, numberedKinds),
  ],
);
