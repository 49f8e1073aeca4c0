import type { TextCipher } from '@platen/chassis/auth/text-cipher';
import type { AllowedHosts } from '@platen/chassis/outbound/allowed-hosts';
import type { Module, ModuleDeps } from '../../module.js';
import type { ResumeCall } from '../writes/index.js';
import { connectionRoutes } from './routes.js';
import { dnSyncDue, type PlanInventory, runDueSync } from './schedule.js';
import { createConnectionService } from './service.js';
import { connectionWorkRoutes } from './work-routes.js';
import { createConnectionWork } from './work-service.js';

export interface ConnectionSettings {
  /** Of what signs in at sites. */
  readonly cipher: TextCipher;
  /** Those that may be called although they are of no public network. */
  readonly allowedHosts: AllowedHosts;
}

/** Sites and what signs in there, whether they may be called, and when they are next. */
export function connectionsArea(
  deps: ModuleDeps,
  own: ConnectionSettings & {
    readonly isFeatureEnabled: (flag: string) => boolean;
    readonly planInventory: PlanInventory;
    readonly resumeWrites: (call: ResumeCall) => Promise<void>;
  },
): Module {
  const findOrganization = (tenantId: string, id: string) => deps.feed.organization(tenantId, id);
  return {
    implementations: connectionRoutes(createConnectionService({ cursors: deps.cursors, findOrganization, ...own })),
    internal: connectionWorkRoutes(deps, createConnectionWork(own), own.resumeWrites),
    dueWork: [{ kinds: [dnSyncDue], leaseSeconds: 30, run: (call) => runDueSync(call, own) }],
  };
}
