import { traceCalls } from '@platen/chassis/tracing/trace-calls';
import type { Tracing } from '@platen/chassis/tracing/tracing';
import { createConsumers } from '@platen/chassis/worker-process/consumers';
import type { WorkerParts } from '@platen/chassis/worker-process/run-worker';
import { connectPlanes, type Planes } from '@platen/sdk/connect-planes';
import { createHttpTransport } from '@platen/sdk/transport/http-transport';
import type { Config } from './config.js';
import { ofDataPlane } from './handlers/dispatch.js';

/** Its name: positions are kept under it, so it never changes. */
const consumer = 'telemetry-worker';

export const connect = (config: Config, tracing: Tracing | null): Planes =>
  connectPlanes({
    controlUrl: config.CONTROL_INTERNAL_URL,
    dataUrl: config.DATA_INTERNAL_URL,
    credentials: { clientId: config.SERVICE_CLIENT_ID, clientSecret: config.SERVICE_CLIENT_SECRET },
    transport: traceCalls(createHttpTransport(), tracing),
  });

/** Consumes until stopped; then what is being handled is finished and acknowledged. */
export function startWorker(deps: WorkerParts & { readonly config: Config; readonly planes: Planes }) {
  const { config, ...parts } = deps;
  const consumers = createConsumers({ ...parts, settings: config });
  consumers.consume('dataPlane', ofDataPlane({ ...deps.planes, log: parts.log }, config.isFeatureEnabled), {
    consumer,
    concurrency: config.WORKER_CONCURRENCY,
  });
  return { stop: () => consumers.stop() };
}
