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
  new Gauge({
    name: 'database_connections',
    help: 'Open connections by database and lane',
    labelNames: ['database', 'lane'],
    registers,
    collect() {
      for (const { name, pipelined, leased } of router.states()) {
        this.set({ database: name, lane: 'pipelined' }, pipelined.connections);
        this.set({ database: name, lane: 'leased' }, leased.connections);
      }
    },
  });
  new Gauge({
    name: 'database_waiting',
    help: 'Units of work that wait for a connection, by database and lane',
    labelNames: ['database', 'lane'],
    registers,
    collect() {
      for (const { name, pipelined, leased } of router.states()) {
        this.set({ database: name, lane: 'pipelined' }, pipelined.waiting);
        this.set({ database: name, lane: 'leased' }, leased.waiting);
      }
    },
  });
  return metrics;
}
