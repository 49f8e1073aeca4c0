import type { Tx } from '@platen/chassis/db/types';
import { dropDueWork, finishDueWork, postponeDueWork, putDueWork } from '@platen/chassis/due-work/entries';
import { featureFlagOf } from '@platen/schema/contract';
import type { DnConnectionStatus, DnTask } from '@platen/schema/states/deconetwork';
import type { DueCall } from '../../../due-work/due-work.js';
import { hasModule } from '../../../feed/tenant.js';
import { listOpenDnJobs, requestDnJob } from '../dn-jobs.js';
import { type DnConnectionRow, lockConnection } from './find.js';

/** Of due work: a connection that is active, when it is to be synchronized next. */
export const dnSyncDue = 'dn_sync_due';

/** What a synchronization writes back, in its transaction. */
export type PlanInventory = (tx: Tx, call: DueCall, connection: DnConnectionRow) => Promise<void>;

interface Scheduled {
  readonly tenant_id: string;
  readonly organization_id: string;
  readonly workspace_id: string | null;
  readonly id: string;
  readonly status: DnConnectionStatus;
  readonly sync_every_minutes: number | null;
}

/** In the transaction that changes whether, or how often, a connection is synchronized. */
export function putSchedule(tx: Pick<Tx, 'defer'>, connection: Scheduled, newId: () => string): void {
  const { tenant_id: tenantId, organization_id: organizationId, workspace_id: workspaceId, id: refId } = connection;
  const entry = { tenantId, id: newId(), organizationId, workspaceId, kind: dnSyncDue, refId };
  if (connection.status !== 'active' || connection.sync_every_minutes === null) dropDueWork(tx, entry);
  else putDueWork(tx, entry, { inSeconds: secondsOf(connection.sync_every_minutes) });
}

const secondsOf = (minutes: number): number => minutes * 60;
/** Those that read what a synchronization reads. */
const readingTasks: readonly DnTask[] = ['sync', 'import'];
/** How often one looks whether a tenant that is suspended is back. */
const lookAgainSeconds = secondsOf(60);

/** A connection whose time has come: its synchronization is asked for, unless one is open, and the next one is due. */
export async function runDueSync(
  call: DueCall,
  own: { readonly isFeatureEnabled: (flag: string) => boolean; readonly planInventory: PlanInventory },
): Promise<void> {
  const { db, work } = call;
  await db.transaction(async (tx) => {
    if (!isServed(call, own.isFeatureEnabled)) return postponeDueWork(tx, work, lookAgainSeconds);
    const connection = await lockConnection(tx, work.ref_id);
    if (connection?.status !== 'active' || connection.sync_every_minutes === null) return finishDueWork(tx, work);
    await postponeDueWork(tx, work, secondsOf(connection.sync_every_minutes));
    const open = await listOpenDnJobs(tx, connection.id);
    if (open.some(({ task }) => readingTasks.includes(task))) return;
    await own.planInventory(tx, call, connection);
    await requestDnJob(tx, call, connection, {
      task: 'sync',
      kinds: connection.kinds,
      createMissing: connection.create_missing,
    });
  });
}

function isServed({ tenant, now }: DueCall, isFeatureEnabled: (flag: string) => boolean): boolean {
  const flag = featureFlagOf('erp.deconetwork');
  return (
    tenant.status === 'active' &&
    hasModule(tenant, 'erp.deconetwork', now().getTime()) &&
    (flag === undefined || isFeatureEnabled(flag))
  );
}
