import type { CloudEvent } from '@platen/schema/events/cloud-event';
import type { Logger } from 'pino';
import { withScope } from '../log/logger.js';

/** Lines about an event, under the correlation id of its cause. */
export const eventLog = (log: Logger, event: CloudEvent): Logger =>
  withScope(log, {
    correlationId: event.correlationid,
    tenantId: event.tenantid,
    context: { organization_id: event.organizationid, workspace_id: event.workspaceid, user_id: null },
  });

const maxErrorLength = 2_000;

/** What is kept of a failure with its letter. */
export const errorText = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, maxErrorLength) || 'unknown';
