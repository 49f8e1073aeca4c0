import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { createBusiestTenants } from './busiest-tenants.js';
import { platformTenant } from './platform-tenant.js';

/** Observes finished requests. A server without one spends nothing on metrics. */
export interface RequestMetrics {
  observe(method: string, route: string, status: number, durationMs: number, tenantId: string | null): void;
  /** Somebody lacked it. */
  denied(permission: string): void;
}

export interface Metrics extends RequestMetrics {
  /** Where a service adds its own gauges; read by GET /metrics of the internal listener. */
  readonly registry: Registry;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const denials = new Counter({
    name: 'permission_denials_total',
    help: 'Requests refused for want of a permission',
    labelNames: ['permission'],
    registers,
  });
  const busiest = createBusiestTenants();
  new Gauge({
    name: 'busiest_tenants_requests_per_second',
    help: 'Requests of the tenants that ask most, over the last window of 15 s or more; others have no number',
    labelNames: ['tenant'],
    registers,
    collect() {
      this.reset();
      for (const { tenantId, perSecond } of busiest.read()) this.set({ tenant: tenantId }, perSecond);
    },
  });
  // One child per route and status, so that an observation looks up a text instead of hashing labels.
  const children = new Map<string, { observe(seconds: number): void }>();
  return {
    registry,
    observe(method, route, status, durationMs, tenantId) {
      const key = `${method} ${route} ${status}`;
      let child = children.get(key);
      if (child === undefined) {
        child = durations.labels({ method, route, status: String(status) });
        children.set(key, child);
      }
      child.observe(durationMs / 1000);
      if (tenantId !== null && tenantId !== platformTenant.id) busiest.count(tenantId);
    },
    denied: (permission) => denials.inc({ permission }),
  };
}

/** Event streams that a listener holds open. */
export function addStreamMetrics(registry: Registry, streams: { readonly count: number }): void {
  new Gauge({
    name: 'event_streams_open',
    help: 'Event streams that are open at this instance',
    registers: [registry],
    collect() {
      this.set(streams.count);
    },
  });
}
