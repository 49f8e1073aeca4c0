import path from 'node:path';
import { DemoFailure } from './failure.js';
import type { PlatformPorts } from './platform.js';

/** Platen's own, and the one of the DecoNetwork site that stands in for a real one. */
export interface DemoPorts extends PlatformPorts {
  readonly decoNetwork: number;
}

export interface DemoConfig {
  readonly dataDir: string;
  readonly reset: boolean;
  readonly ports: DemoPorts;
}

export const usage = `npm run demo [-- options]

Starts PostgreSQL, both planes and the workers on this machine, fills them with demo data and walks a quote to cash.

  --reset   drop the data of earlier runs first
  --help    this text

Environment
  PLATEN_DATA_DIR         where data is kept between runs   (.platen)
  CONTROL_PLANE_PORT      (4000)     DATA_PLANE_PORT        (4001)
  CONTROL_INTERNAL_PORT   (4100)     DATA_INTERNAL_PORT     (4101)
  WORKER_HEALTH_PORT      (4200)     TELEMETRY_HEALTH_PORT  (4201)
  DECONETWORK_PORT        (4300)     of a site that stands in for one of DecoNetwork's
`;

function port(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535) {
    throw new DemoFailure(`${name}=${text} is not a port: a number from 1 to 65535 is wanted`);
  }
  return value;
}

export function readConfig(args: readonly string[], env: NodeJS.ProcessEnv): DemoConfig {
  const unknown = args.find((arg) => arg !== '--reset');
  if (unknown !== undefined) throw new DemoFailure(`Unknown option ${unknown}; try npm run demo -- --help`);
  return {
    dataDir: path.resolve(env['PLATEN_DATA_DIR'] || '.platen'),
    reset: args.includes('--reset'),
    ports: {
      control: port(env, 'CONTROL_PLANE_PORT', 4000),
      data: port(env, 'DATA_PLANE_PORT', 4001),
      controlInternal: port(env, 'CONTROL_INTERNAL_PORT', 4100),
      dataInternal: port(env, 'DATA_INTERNAL_PORT', 4101),
      workerHealth: port(env, 'WORKER_HEALTH_PORT', 4200),
      telemetryHealth: port(env, 'TELEMETRY_HEALTH_PORT', 4201),
      decoNetwork: port(env, 'DECONETWORK_PORT', 4300),
    },
  };
}
