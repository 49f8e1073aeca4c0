import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CallEnded } from './deconetwork/observe-calls.js';
import type { JobObserver } from './jobs/runner.js';
import type { MailOutcome } from './mail/observe-mails.js';

export function addJobMetrics(registry: Registry): JobObserver {
  const registers = [registry];
  const running = new Gauge({
    name: 'worker_jobs_running',
    help: 'Jobs that run in this process, by kind',
    labelNames: ['kind'],
    registers,
  });
  const ended = new Counter({
    name: 'worker_jobs_ended_total',
    help: 'Attempts at jobs that ended in this process, by kind and how: done, failed, cancelled, lost, drained',
    labelNames: ['kind', 'result'],
    registers,
  });
  return {
    started: (kind) => running.inc({ kind }),
    ended(kind, result) {
      running.dec({ kind });
      ended.inc({ kind, result });
    },
  };
}

export function addMailMetrics(registry: Registry): (outcome: MailOutcome) => void {
  const mails = new Counter({
    name: 'worker_mails_total',
    help: 'Mails by what became of the try: sent, deferred, refused, away (the way out is closed), failed',
    labelNames: ['result'],
    registers: [registry],
  });
  return (result) => mails.inc({ result });
}

export function addSiteMetrics(registry: Registry): CallEnded {
  const durations = new Histogram({
    name: 'worker_site_call_duration_seconds',
    help: 'Calls of DecoNetwork sites, by endpoint and how they ended: answered, given_up, or what was wrong',
    labelNames: ['endpoint', 'result'],
    buckets: [0.05, 0.25, 1, 2.5, 5, 10, 30, 60],
    registers: [registry],
  });
  return (endpoint, result, durationMs) => durations.observe({ endpoint, result }, durationMs / 1_000);
}
