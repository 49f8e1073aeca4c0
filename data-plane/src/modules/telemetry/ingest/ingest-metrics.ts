import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RefusedReading } from './parse/parsed.js';

export interface IngestMetrics {
  stored(rows: number, seconds: number): void;
  answered(accepted: number, duplicates: number, refused: readonly RefusedReading[]): void;
}

/** Without a registry of the plane's, into one that nobody reads. */
export function addIngestMetrics(waitingBytes: () => number, registry: Registry = new Registry()): IngestMetrics {
  const registers = [registry];
  const readings = new Counter({
    name: 'telemetry_readings_total',
    help: 'Readings that came, by what became of them: accepted, duplicate, or why they were refused',
    labelNames: ['result'],
    registers,
  });
  const batches = new Histogram({
    name: 'telemetry_batch_rows',
    help: 'Readings that were stored in one transaction',
    buckets: [1, 10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000],
    registers,
  });
  const durations = new Histogram({
    name: 'telemetry_batch_duration_seconds',
    help: 'From when a batch was put together until it was committed',
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  new Gauge({
    name: 'telemetry_waiting_bytes',
    help: 'Of requests with readings that are not answered yet',
    registers,
    collect() {
      this.set(waitingBytes());
    },
  });
  return {
    stored(rows, seconds) {
      batches.observe(rows);
      durations.observe(seconds);
    },
    answered(accepted, duplicates, refused) {
      if (accepted > 0) readings.inc({ result: 'accepted' }, accepted);
      if (duplicates > 0) readings.inc({ result: 'duplicate' }, duplicates);
      for (const { reason } of refused) readings.inc({ result: reason });
    },
  };
}
