import type { Readiness } from '@platen/chassis/http/readiness';
import type { FeedStatus } from './feed/follower.js';
import type { Router } from './routing/router.js';

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
