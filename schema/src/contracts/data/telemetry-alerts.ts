import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { Alert, telemetryAlertEvents } from '../../events/telemetry-alert.js';
import { alertSeverities, alertStatuses } from '../../states/telemetry.js';
import { closed, Id, IdParams, literals, page, pageQuery, streamQuery, Timestamp } from '../shapes.js';

const Note = Type.Optional(Type.String({ minLength: 1, maxLength: 1000 }));

export const alerts = contracts('telemetry.alerts', {
  list: {
    method: 'GET',
    path: '/api/telemetry/alerts',
    access: requires('telemetry.alert.read'),
    summary: 'List alerts, those raised last first',
    query: closed({
      ...pageQuery,
      status: Type.Optional(literals(alertStatuses)),
      severity: Type.Optional(literals(alertSeverities)),
      device_id: Type.Optional(Id),
      rule_id: Type.Optional(Id),
      from: Type.Optional({ ...Timestamp, description: 'Raised then or later' }),
      to: Type.Optional({ ...Timestamp, description: 'Raised before' }),
    }),
    status: 200,
    response: page(Alert),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/telemetry/alerts/:id',
    access: requires('telemetry.alert.read'),
    summary: 'Get an alert',
    params: IdParams,
    status: 200,
    response: Alert,
    versioned: true,
  },
  acknowledge: {
    method: 'POST',
    path: '/api/telemetry/alerts/:id/acknowledge',
    access: requires('telemetry.alert.acknowledge'),
    summary: 'Say that somebody has seen an alert',
    description: 'Of one that is open. It ends as before, when a reading says so.',
    params: IdParams,
    body: closed({ note: Note }),
    status: 200,
    response: Alert,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch'],
  },
  resolve: {
    method: 'POST',
    path: '/api/telemetry/alerts/:id/resolve',
    access: requires('telemetry.alert.acknowledge'),
    summary: 'End an alert by hand',
    description: 'Its rule raises no other one at this device before its condition has ended once.',
    params: IdParams,
    body: closed({ note: Note }),
    status: 200,
    response: Alert,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch'],
  },
  events: {
    method: 'GET',
    path: '/api/telemetry/alerts/events',
    access: requires('telemetry.alert.read'),
    summary: 'Follow alerts as they are raised, acknowledged and resolved',
    description:
      'Server-sent events of the alerts in this context, each with the alert as it is then. After `reset`, list the alerts anew.',
    query: closed(streamQuery),
    status: 200,
    response: Type.String({ description: 'The stream' }),
    mediaType: 'text/event-stream',
    navigable: true,
    events: telemetryAlertEvents,
    errors: ['busy'],
  },
});
