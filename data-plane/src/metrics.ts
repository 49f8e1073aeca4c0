import { addPoolMetrics } from '@platen/chassis/db/pool-metrics';
import type { Metrics } from '@platen/chassis/http/metrics';
import { Gauge } from 'prom-client';
import type { FeedFollower } from './feed/follower.js';
import type { Router } from './routing/router.js';

/** Gauges that are read when somebody asks, never kept up to date for nobody. */
export function addMetrics(metrics: Metrics, follower: FeedFollower, router: Router): Metrics {
  const registers = [metrics.registry];
  new Gauge({
    name: 'feed_age_seconds',
    help: 'Since the control plane last confirmed that no change is missing',
    registers,
    collect() {
      const { ageMs } = follower.status();
      this.set(ageMs === null ? Number.NaN : ageMs / 1000);
    },
  });
  new Gauge({
    name: 'feed_position',
    help: 'The last change applied',
    registers,
    collect() {
      this.set(Number(follower.status().position));
    },
  });
  addPoolMetrics(metrics.registry, () => router.states());
  return metrics;
}
