import { lockNumberOf } from '@platen/chassis/db/advisory-locks';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { putDueWork } from '@platen/chassis/due-work/entries';
import type { WorkCtx } from '../../module.js';

/** Of due work: an organization that has rules of alerts, when it is to be looked at. Its reference is the organization. */
export const alertLookDue = 'telemetry_alert_look';

const lock = statement<{ locked: string }>(
  'telemetry_alerts.lock',
  `select pg_advisory_xact_lock(${lockNumberOf('alerts', '$1')})::text as locked`,
);

/**
 * Whoever changes rules or the state of looks at them, one at a time in an organization, before any row: a rule's change
 * meets no look that goes on by what it was. A statement of its own: what comes after it sees what was committed before.
 */
export async function lockLooks(tx: Tx, organizationId: string): Promise<void> {
  await tx.query(lock, [organizationId]);
}

/** In the transaction of a rule that is enabled. */
export function putLook(tx: Tx, ctx: WorkCtx, organizationId: string, inSeconds = 0): void {
  const entry = { tenantId: ctx.tenant.id, organizationId, workspaceId: null, refId: organizationId };
  putDueWork(tx, { ...entry, id: ctx.newId(), kind: alertLookDue }, { inSeconds });
}
