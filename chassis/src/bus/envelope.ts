/**
 * The CloudEvents envelope (1.0, JSON format) of a row `event` of the outbox, made when the event is read: the row keeps
 * only what is its own. `source` is the parameter that says who sends it.
 */
export const envelopeOf = (source: `$${number}`): string => `json_build_object(
  'specversion', '1.0', 'id', event.id, 'source', ${source}::text, 'type', event.type,
  'time', to_char(event.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  'subject', split_part(event.key, ':', 2), 'tenantid', event.tenant_id, 'organizationid', event.organization_id,
  'workspaceid', event.workspace_id, 'correlationid', event.correlation_id, 'traceparent', event.traceparent,
  'dataschema', 'platen:' || event.type || ':1', 'data', event.payload)`;
