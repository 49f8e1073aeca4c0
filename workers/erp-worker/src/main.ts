import { createLifecycle } from '@platen/chassis/lifecycle/lifecycle';
import { startOrExit } from '@platen/chassis/lifecycle/start-or-exit';
import { createLogger } from '@platen/chassis/log/logger';
import { startTracing } from '@platen/chassis/tracing/start-tracing';
import { type Config, readConfig } from './config.js';
import { type Lag, startHealthProbe } from './health.js';
import { connectPlanes, startWorker } from './worker.js';

async function run(config: Config): Promise<void> {
  const log = createLogger({ service: 'erp-worker', level: config.LOG_LEVEL });
  const lifecycle = createLifecycle({ log });
  lifecycle.handleSignals();
  const { tracing } = await lifecycle.start(
    'tracing',
    () => startTracing(config.tracing, log),
    (started) => started.stop(),
  );

  let lag = (): readonly Lag[] => [];
  const health = await lifecycle.start(
    'health probe',
    () => startHealthProbe({ port: config.WORKER_HEALTH_PORT, lag: () => lag() }),
    (probe) => probe.stop(),
  );
  const worker = await lifecycle.start(
    'consumer',
    () => startWorker({ config, planes: connectPlanes(config, tracing), log, tracing }),
    (part) => part.stop(),
  );
  lag = worker.lag;
  log.info({ health_port: health.port, event_bus: config.EVENT_BUS, mail_provider: config.MAIL_PROVIDER }, 'consuming');
}

await startOrExit('erp-worker', () => run(readConfig(process.env)));
