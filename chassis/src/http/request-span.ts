import type { OpenSpan, Tracing } from '../tracing/tracing.js';
import type { Exchange } from './exchange.js';
import type { RoutePlan } from './plan.js';

/** Null: this request is no span. */
export type StartRequestSpan = (plan: RoutePlan, traceparent: string | null) => OpenSpan | null;

/**
 * Spans of a listener's requests. One for our own processes begins no traces: what they ask for all the time, such as
 * events, belongs to none.
 */
export const requestSpans =
  (tracing: Tracing, { beginsTraces }: { readonly beginsTraces: boolean }): StartRequestSpan =>
  ({ method, path }, traceparent) =>
    traceparent === null && !beginsTraces
      ? null
      : tracing.start({
          name: `${method} ${path}`,
          kind: 'server',
          parent: traceparent,
          attributes: { 'http.request.method': method, 'http.route': path },
        });

export function endRequestSpan(span: OpenSpan, { correlationId, tenantId, stats }: Exchange, status: number): void {
  span.end({
    attributes: {
      'http.response.status_code': status,
      'platen.correlation.id': correlationId,
      'platen.db.duration_ms': Math.round(stats.waitedMs * 100) / 100,
      'platen.db.queries': stats.queries,
      ...(tenantId !== null && { 'platen.tenant.id': tenantId }),
    },
    ...(status >= 500 && { error: String(status) }),
  });
}
