import type { Logger } from 'pino';
import { originOf, timestamp } from '../log/logger.js';
import type { Exchange } from './exchange.js';
import type { RequestMetrics } from './metrics.js';
import type { RoutePlan } from './plan.js';
import { endRequestSpan } from './request-span.js';

/**
 * The one line at the end of a request. It is put together as text: every request pays for it, the fixed parts are known
 * for a route, and nothing in it can hold a secret.
 */
export function createRequestLog(log: Logger, metrics: RequestMetrics | undefined) {
  const { destination, service } = originOf(log);
  const head = `{"level":"info","service":${JSON.stringify(service)},"message":"request","timestamp":"`;
  const routes = new Map<RoutePlan, string>();

  function routeText(plan: RoutePlan): string {
    let text = routes.get(plan);
    if (text === undefined) {
      text = `,"data":{"method":"${plan.method}","route":${JSON.stringify(plan.path)},"status":`;
      routes.set(plan, text);
    }
    return text;
  }

  return (exchange: Exchange, status: number): void => {
    const durationMs = performance.now() - exchange.startedAtMs;
    const { plan, stats, span } = exchange;
    if (span !== null) endRequestSpan(span, exchange, status);
    const { tenantId } = exchange;
    metrics?.observe(plan.method, plan.path, status, durationMs, tenantId);
    if (!log.isLevelEnabled('info')) return;
    destination.write(
      `${head}${timestamp(Date.now())}","correlation_id":"${exchange.correlationId}","tenant_id":${text(tenantId)},"context":${contextText(exchange)}${routeText(plan)}${status},"duration_ms":${round(durationMs)},"db_ms":${round(stats.waitedMs)},"db_queries":${stats.queries}}}\n`,
    );
  };
}

function contextText(exchange: Exchange): string {
  const { principal } = exchange;
  if (principal === null) return 'null';
  return `{"organization_id":${text(exchange.organizationId)},"workspace_id":${text(exchange.workspaceId)},"user_id":${text(principal.id)}}`;
}

/** Ids, mostly; quoted properly all the same. The correlation id needs no quoting: its pattern has no such characters. */
const text = (value: string | null): string => (value === null ? 'null' : JSON.stringify(value));

const round = (ms: number): number => Math.round(ms * 100) / 100;
