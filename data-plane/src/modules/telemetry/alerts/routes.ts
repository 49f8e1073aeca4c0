import { readLastEventId } from '@platen/chassis/http/event-stream';
import type { Implementation } from '@platen/chassis/http/types';
import { alertRules } from '@platen/schema/contracts/data/telemetry-alert-rules';
import { alerts } from '@platen/schema/contracts/data/telemetry-alerts';
import type { EventType } from '@platen/schema/events/index';
import { telemetryAlertEvents } from '@platen/schema/events/telemetry-alert';
import type { Tenant } from '../../../feed/tenant.js';
import type { EventFeed } from '../../event-streams/index.js';
import { implement, type TenantCtx } from '../../module.js';
import { requirePermission } from '../../permission.js';
import type { AlertService } from './alerts-service.js';
import type { Backtester } from './backtest.js';
import type { AlertRuleService } from './rules-service.js';

// The keys of an object of events are their types.
const types = Object.keys(telemetryAlertEvents) as EventType[];

export const alertRuleRoutes = (service: AlertRuleService, tester: Backtester): Implementation<Tenant>[] => [
  implement(alertRules.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(alertRules.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(alertRules.create, ({ ctx, body }) => service.create(ctx, body)),
  implement(alertRules.update, ({ ctx, params, body }) => service.update(ctx, params.id, body)),
  implement(alertRules.delete, ({ ctx, params }) => service.remove(ctx, params.id)),
  implement(alertRules.backtest, async ({ ctx, params, body }) => {
    requireReading(ctx);
    return tester.ofRule(ctx, params.id, body);
  }),
  implement(alertRules.backtestDraft, async ({ ctx, body: { rule, ...span } }) => {
    requireReading(ctx);
    return tester.ofDraft(ctx, rule, span);
  }),
];

/** A back-test tells values of what was measured, as many as one asks for. */
const requireReading = (ctx: TenantCtx): void =>
  requirePermission(ctx, 'telemetry.reading.read', 'A back-test tells what was measured');

export const alertRoutes = (service: AlertService, events: EventFeed): Implementation<Tenant>[] => [
  implement(alerts.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(alerts.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(alerts.acknowledge, ({ ctx, params, body }) => service.move(ctx, params.id, 'acknowledged', body.note)),
  implement(alerts.resolve, ({ ctx, params, body }) => service.move(ctx, params.id, 'resolved', body.note)),
  implement(alerts.events, ({ ctx, query, request }) => events.open(ctx, types, readLastEventId(request, query))),
];
