import { featureFlags } from '@platen/chassis/config/feature-flags';
import { loadConfig } from '@platen/chassis/config/load-config';
import { workerFields, workerSettings } from '@platen/chassis/worker-process/fields';
import { Type } from 'typebox';

export const Environment = Type.Object(
  workerFields({
    name: 'telemetry-worker',
    seedSecret: 'SEED_TELEMETRY_WORKER_SECRET',
    healthPort: 4201,
    asksControlPlane: 'service tokens',
    asksDataPlane: 'events, and what becomes of readings and counted pieces',
  }),
);
export type Config = ReturnType<typeof readConfig>;

/** @throws ConfigError naming every variable that is wrong */
export function readConfig(env: Readonly<Record<string, string | undefined>>) {
  const values = loadConfig(Environment, env);
  return { ...values, ...workerSettings(values, 'telemetry-worker'), isFeatureEnabled: featureFlags(env) };
}
