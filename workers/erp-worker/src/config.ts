import { featureFlags } from '@platen/chassis/config/feature-flags';
import { duration, loadConfig } from '@platen/chassis/config/load-config';
import { allowedHostsOf } from '@platen/chassis/outbound/allowed-hosts';
import { workerFields, workerSettings } from '@platen/chassis/worker-process/fields';
import { Type } from 'typebox';
import { siteFields } from './deconetwork/open-sites.js';
import { mailFields, mailSettingsOf } from './mail/mail-config.js';

export const Environment = Type.Object({
  ...workerFields({
    name: 'erp-worker',
    seedSecret: 'SEED_ERP_WORKER_SECRET',
    healthPort: 4200,
    asksControlPlane: 'service tokens, events of accounts, and what their mails say',
    asksDataPlane: 'events, and what a mail says',
  }),
  WORKER_JOBS: Type.Integer({ minimum: 1, maximum: 64, default: 4, description: 'Jobs that run here at once' }),
  JOB_LEASE: duration('30s', {
    minimum: 5_000,
    maximum: 300_000,
    description: 'How long a job whose worker died waits for another',
  }),
  ...siteFields,
  ...mailFields,
  PLATEN_DATA_DIR: Type.String({
    minLength: 1,
    default: '.platen',
    description: 'Folder for mails, `<folder>/mail`',
  }),
});
export type Config = ReturnType<typeof readConfig>;

/** @throws ConfigError naming every variable that is wrong */
export function readConfig(env: Readonly<Record<string, string | undefined>>) {
  const values = loadConfig(Environment, env);
  return {
    ...values,
    ...workerSettings(values, 'erp-worker'),
    allowedHosts: allowedHostsOf(values.OUTBOUND_ALLOWED_HOSTS),
    mail: mailSettingsOf(values, values.NODE_ENV === 'production'),
    isFeatureEnabled: featureFlags(env),
  };
}
