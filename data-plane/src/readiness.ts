import type { DependencyState, Readiness } from '@platen/chassis/http/readiness';
import type { FeedStatus } from './feed/follower.js';
import { databasePrefix, type Router } from './routing/router.js';

/** Draining, or nothing to decide by: out of service. A database in trouble costs its own tenants only. */
export function readReadiness(feed: FeedStatus, router: Router, isDraining: boolean): Readiness {
  const dependencies = {
    feed: feed.isFollowing && feed.isOnDisk ? ('ok' as const) : ('degraded' as const),
    ...router.dependencies(),
  };
  const details = {
    feed_position: String(feed.position),
    feed_age_seconds: feed.ageMs === null ? null : Math.round(feed.ageMs / 1000),
  };
  const reason = isDraining ? 'Draining' : feed.reason;
  return reason === undefined
    ? { ready: true, dependencies, details }
    : { ready: false, reason, dependencies, details };
}

/**
 * As everybody may see it: tenants share hosts with strangers, and which databases there are is nobody's business. The
 * worst of them stands for all.
 */
export function withoutDatabaseKeys(readiness: Readiness): Readiness {
  const dependencies: Record<string, DependencyState> = {};
  for (const [name, state] of Object.entries(readiness.dependencies)) {
    const shown = name.startsWith(databasePrefix) ? 'databases' : name;
    dependencies[shown] = worseOf(dependencies[shown] ?? 'ok', state);
  }
  return { ...readiness, dependencies };
}

const order: readonly DependencyState[] = ['ok', 'degraded', 'schema_behind'];
const worseOf = (a: DependencyState, b: DependencyState) => (order.indexOf(a) < order.indexOf(b) ? b : a);
