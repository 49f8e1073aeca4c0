import { traceCalls } from '@platen/chassis/tracing/trace-calls';
import type { Tracing } from '@platen/chassis/tracing/tracing';
import { createConsumers } from '@platen/chassis/worker-process/consumers';
import type { WorkerParts } from '@platen/chassis/worker-process/run-worker';
import { connectPlanes, type Planes } from '@platen/sdk/connect-planes';
import { createHttpTransport } from '@platen/sdk/transport/http-transport';
import type { Config } from './config.js';
import { deconetworkProcessor } from './deconetwork/deconetwork.js';
import { openSites } from './deconetwork/open-sites.js';
import { ofControlPlane, ofDataPlane, ofJobs } from './handlers/dispatch.js';
import { createProcessors } from './jobs/processors.js';
import { createJobRunner } from './jobs/runner.js';
import { openMailProvider } from './mail/mail-config.js';
import { createMailer } from './mail/mailer.js';
import { observeMails } from './mail/observe-mails.js';
import { addJobMetrics, addMailMetrics, addSiteMetrics } from './metrics.js';

/** Consumers' names: their positions are kept under them, so they never change. */
const consumer = 'erp-worker';
const jobsConsumer = 'erp-worker.jobs';
/** Those whose jobs wait for a place here, and keep no other kind of event waiting. */
const jobsConcurrency = 16;

export const connect = (config: Config, tracing: Tracing | null): Planes =>
  connectPlanes({
    controlUrl: config.CONTROL_INTERNAL_URL,
    dataUrl: config.DATA_INTERNAL_URL,
    credentials: { clientId: config.SERVICE_CLIENT_ID, clientSecret: config.SERVICE_CLIENT_SECRET },
    transport: traceCalls(createHttpTransport(), tracing),
  });

export interface Worker {
  stop(): Promise<void>;
}

/** Consumes until stopped; then what is being handled is finished and acknowledged. */
export function startWorker(deps: WorkerParts & { readonly config: Config; readonly planes: Planes }): Worker {
  const { config, planes, log, tracing, metrics } = deps;
  const provider = observeMails(openMailProvider(config.mail, { dataDir: config.PLATEN_DATA_DIR, log }), {
    tracing,
    ended: addMailMetrics(metrics.registry),
  });
  const mailing = { ...planes, mailer: createMailer({ provider, fromAddress: config.MAIL_FROM_ADDRESS }), log };
  const sites = openSites({
    allowed: config.allowedHosts,
    pauseMs: config.DN_PAUSE,
    timeoutMs: config.DN_TIMEOUT,
    tracing,
    ended: addSiteMetrics(metrics.registry),
  });
  const runner = createJobRunner({
    jobs: planes.dataPlane.jobs,
    processors: createProcessors(
      planes.dataPlane,
      config.isFeatureEnabled,
      deconetworkProcessor(planes.dataPlane, sites),
    ),
    places: config.WORKER_JOBS,
    leaseSeconds: Math.round(config.JOB_LEASE / 1_000),
    log,
    tracing,
    observer: addJobMetrics(metrics.registry),
  });
  const consumers = createConsumers({ settings: config, planes, log, tracing, metrics });
  const usual = { consumer, concurrency: config.WORKER_CONCURRENCY };
  consumers.consume('dataPlane', ofDataPlane(mailing, config.isFeatureEnabled), usual);
  consumers.consume('dataPlane', ofJobs(runner), { consumer: jobsConsumer, concurrency: jobsConcurrency });
  consumers.consume('controlPlane', ofControlPlane(mailing), usual);
  return {
    stop: async () => {
      await Promise.all([consumers.stop(), runner.stop()]);
      provider.close();
      await sites.outbound.close();
    },
  };
}
