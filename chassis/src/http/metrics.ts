import { Histogram, Registry } from 'prom-client';

/** Observes finished requests. A server without one spends nothing on metrics. */
export interface RequestMetrics {
  observe(method: string, route: string, status: number, durationMs: number): void;
}

export interface Metrics extends RequestMetrics {
  /** Where a service adds its own gauges; read by GET /metrics of the internal listener. */
  readonly registry: Registry;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  // One child per route and status, so that an observation looks up a text instead of hashing labels.
  const children = new Map<string, { observe(seconds: number): void }>();
  return {
    registry,
    observe(method, route, status, durationMs) {
      const key = `${method} ${route} ${status}`;
      let child = children.get(key);
      if (child === undefined) {
        child = durations.labels({ method, route, status: String(status) });
        children.set(key, child);
      }
      child.observe(durationMs / 1000);
    },
  };
}
