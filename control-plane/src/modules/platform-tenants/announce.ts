import { insertEvent } from '@platen/chassis/bus/outbox';
import type { Tx } from '@platen/chassis/db/types';
import type { CallCtx } from '@platen/chassis/http/types';
import type { EventData } from '@platen/schema/events/index';
import type { TenantEventType } from '@platen/schema/events/tenant';

/** In the transaction that holds the tenant's row, before the audit event. */
export function announce<T extends TenantEventType>(
  tx: Tx,
  ctx: Pick<CallCtx, 'correlationId' | 'traceparent' | 'newId'>,
  type: T,
  data: EventData<T> & { readonly tenant_id: string },
): void {
  const origin = {
    correlationId: ctx.correlationId,
    traceparent: ctx.traceparent,
    tenant: { id: data.tenant_id },
    organizationId: null,
    workspaceId: null,
    newId: () => ctx.newId(),
  };
  insertEvent(tx, origin, { type, aggregateId: data.tenant_id, data });
}
