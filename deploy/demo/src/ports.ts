import { createServer } from 'node:net';
import type { DemoConfig } from './config.js';
import { DemoFailure } from './failure.js';

const variables = {
  control: 'CONTROL_PLANE_PORT',
  data: 'DATA_PLANE_PORT',
  controlInternal: 'CONTROL_INTERNAL_PORT',
  dataInternal: 'DATA_INTERNAL_PORT',
  workerHealth: 'WORKER_HEALTH_PORT',
  telemetryHealth: 'TELEMETRY_HEALTH_PORT',
  decoNetwork: 'DECONETWORK_PORT',
} as const;

/** Before anything is started: a port that another program holds would otherwise show as a service that never gets ready. */
export async function assertPortsFree(ports: DemoConfig['ports']): Promise<void> {
  for (const [name, variable] of Object.entries(variables)) {
    const port = ports[name as keyof typeof variables];
    if (!(await isFree(port))) throw new DemoFailure(`Port ${port} is in use; set ${variable} to a free one`);
  }
  const numbers = Object.values(ports);
  const twice = numbers.find((port, i) => numbers.indexOf(port) !== i);
  if (twice !== undefined) throw new DemoFailure(`Port ${twice} is given to two listeners; choose different ones`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
