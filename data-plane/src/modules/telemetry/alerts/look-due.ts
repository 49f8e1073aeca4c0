import { finishDueWork, postponeDueWork } from '@platen/chassis/due-work/entries';
import type { DueCall, DueLine } from '../../../due-work/due-work.js';
import { hasModule } from '../../../feed/tenant.js';
import { lookAtAll } from './look.js';
import { readNext } from './looks-repo.js';
import { alertLookDue, lockLooks, putLook } from './watched-organizations.js';

/** What a process that died has left is looked at after so long at most. */
const everySeconds = 30;
const shortestSeconds = 1;
/** How often one looks whether a tenant that is suspended is back. */
const lookAgainSeconds = 3_600;

/**
 * An organization that has rules: one entry for all of them rather than one for each rule at each device, which would be
 * moved with each batch. It is due when the next silence would be too long.
 */
export const alertLookLine: DueLine = {
  kinds: [alertLookDue],
  database: 'telemetry',
  leaseSeconds: 120,
  atOnce: 2,
  run: runDueLook,
};

export async function runDueLook(call: DueCall): Promise<void> {
  const { db, work, tenant, organizationId } = call;
  if (organizationId === null) throw new Error('rules are of an organization');
  const isServed = tenant.status === 'active' && hasModule(tenant, 'telemetry.alerts', call.now().getTime());
  if (!isServed) return postponeDueWork(db.leased, work, lookAgainSeconds);
  await lookAtAll({ ...call, organizationId });
  await db.transaction(async (tx) => {
    await lockLooks(tx, organizationId);
    const now = call.now();
    const { hasRules, nextMs } = await readNext(tx, now);
    // Put anew rather than put off: tries are counted by those that fail, one after the other.
    await finishDueWork(tx, work);
    if (!hasRules) return;
    const untilNext = nextMs === null ? everySeconds : Math.ceil((nextMs - now.getTime()) / 1000);
    putLook(tx, call, organizationId, Math.max(shortestSeconds, Math.min(everySeconds, untilNext)));
  });
}
