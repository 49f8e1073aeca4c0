import { Counter, Gauge, type Registry } from 'prom-client';
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
