import { createPullBus } from '@platen/chassis/bus/pull-consumer';
import { createLogger } from '@platen/chassis/log/logger';
import { createInternalClient, type DataInternalClient } from '@platen/sdk/internal';
import { ofJobs } from '../handlers/dispatch.js';
import type { JobProcessor } from './processor.js';
import { createJobRunner } from './runner.js';

// A worker for tests, as its own process: the runner as it is, and a processor whose steps are calls of the test's. At the
// point that it is told it says so and goes no further, so that whoever kills it kills it there.

const { PLANE_URL = '', TOKEN = '', EFFECT_URL = '', HANG_AT = '' } = process.env;
const log = createLogger({ service: 'worker-child', level: 'warn' });

async function reach(point: string, signal?: AbortSignal): Promise<void> {
  process.stdout.write(`at ${point}\n`);
  if (point !== HANG_AT) return;
  await new Promise((_, reject) => {
    setInterval(() => undefined, 1_000);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

const client = createInternalClient({ contracts: 'data', baseUrl: PLANE_URL, token: () => TOKEN });
const jobs: DataInternalClient['jobs'] = {
  ...client.jobs,
  claim: Object.assign(
    async (...args: Parameters<typeof client.jobs.claim>) => {
      await reach('before claim');
      return client.jobs.claim(...args);
    },
    { isError: client.jobs.claim.isError },
  ),
  complete: Object.assign(
    async (...args: Parameters<typeof client.jobs.complete>) => {
      const answer = await client.jobs.complete(...args);
      await reach('after complete');
      return answer;
    },
    { isError: client.jobs.complete.isError },
  ),
};

const steps = 6;
const processor: JobProcessor = {
  async run(job, { scope, holder, signal, progress }) {
    await reach('after claim');
    for (let step = Number(job.cursor ?? 0); step < steps; step += 1) {
      signal.throwIfAborted();
      const body = JSON.stringify({ ...scope, ...holder, id: job.id, step });
      const answer = await fetch(EFFECT_URL, { method: 'POST', body, signal });
      if (!answer.ok) throw new Error(`the effect was refused: ${answer.status}`);
      progress(step + 1, steps, String(step + 1));
      if (step === steps / 2) await reach('midway', signal);
    }
    await reach('after the effect');
    return { kind: 'export', file_id: job.id, file_name: 'orders.csv', byte_size: 1, rows: steps };
  },
};

const runner = createJobRunner({
  jobs,
  processors: { export: processor },
  places: 2,
  leaseSeconds: 5,
  log,
  tracing: null,
});
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
const { topics, handler } = ofJobs(runner);
const consuming = createPullBus({ client: client.outbox, log, leaseSeconds: 5, waitSeconds: 5 }).consume({
  consumer: 'erp-worker.jobs',
  topics,
  handler,
  signal: stopping.signal,
});
await reach('start');
if (!stopping.signal.aborted) {
  await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }));
}
await Promise.all([consuming, runner.stop()]);
// What hangs on purpose keeps no process alive.
process.exit(0);
