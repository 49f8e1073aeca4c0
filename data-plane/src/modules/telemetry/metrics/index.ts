import type { Implementation } from '@platen/chassis/http/types';
import { metrics } from '@platen/schema/contracts/data/telemetry-metrics';
import type { Tenant } from '../../../feed/tenant.js';
import { implement, type Module, type ModuleDeps } from '../../module.js';
import type { Directory } from '../directory.js';
import { createMetricService, type MetricService } from './service.js';

/** What is measured. */
export function metricsModule(deps: Pick<ModuleDeps, 'cursors'> & { readonly directory: Directory }): Module {
  const onChanged = (tenantId: string): void => deps.directory.forget(tenantId);
  return { implementations: metricRoutes(createMetricService({ cursors: deps.cursors, onChanged })) };
}

const metricRoutes = (service: MetricService): Implementation<Tenant>[] => [
  implement(metrics.list, ({ ctx, query }) => service.listMetrics(ctx, query)),
  implement(metrics.get, ({ ctx, params }) => service.getMetric(ctx, params.id)),
  implement(metrics.create, ({ ctx, body }) => service.createMetric(ctx, body)),
  implement(metrics.update, ({ ctx, params, body }) => service.updateMetric(ctx, params.id, body)),
];
