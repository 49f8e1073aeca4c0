import { startOrExit } from '@platen/chassis/lifecycle/start-or-exit';
import { runWorker } from '@platen/chassis/worker-process/run-worker';
import { type Config, readConfig } from './config.js';
import { connect, startWorker } from './worker.js';

const run = (config: Config) =>
  runWorker({
    name: 'telemetry-worker',
    settings: config,
    facts: { event_bus: config.EVENT_BUS },
    start: (parts) => startWorker({ ...parts, config, planes: connect(config, parts.tracing) }),
  });

await startOrExit('telemetry-worker', () => run(readConfig(process.env)));
