import type { CloudEvent } from '@platen/schema/events/cloud-event';
import { UnprocessableEvent } from '../bus/bus.js';

/** What an event of a shop's document says of where it happened, as internal endpoints ask for it. */
export function scopeOf(event: CloudEvent) {
  if (event.organizationid === null) throw new UnprocessableEvent('the event names no organization');
  return {
    tenant_id: event.tenantid,
    organization_id: event.organizationid,
    ...(event.workspaceid === null ? {} : { workspace_id: event.workspaceid }),
  };
}
