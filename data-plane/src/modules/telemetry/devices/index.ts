import type { Module, ModuleDeps } from '../../module.js';
import type { Directory } from '../directory.js';
import { createCredentialService } from './credentials-service.js';
import type { DeviceGuard } from './device-guard.js';
import { credentialRoutes, deviceRoutes } from './routes.js';
import { createDeviceService } from './service.js';

export { createDeviceGuard, type DeviceGuard } from './device-guard.js';

interface Deps extends Pick<ModuleDeps, 'cursors'> {
  readonly directory: Pick<Directory, 'forget'>;
  readonly guard: Pick<DeviceGuard, 'forget'>;
}

/** What sends readings, and what it shows to be let in. */
export function devicesModule({ cursors, directory, guard }: Deps): Module {
  const onChanged = (tenantId: string): void => {
    directory.forget(tenantId);
    guard.forget(tenantId);
  };
  return {
    implementations: [
      ...deviceRoutes(createDeviceService({ cursors, onChanged })),
      ...credentialRoutes(createCredentialService({ cursors, guard })),
    ],
  };
}
