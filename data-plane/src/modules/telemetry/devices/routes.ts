import type { Implementation } from '@platen/chassis/http/types';
import { deviceCredentials, devices } from '@platen/schema/contracts/data/telemetry-devices';
import type { Tenant } from '../../../feed/tenant.js';
import { implement } from '../../module.js';
import type { CredentialService } from './credentials-service.js';
import type { DeviceService } from './service.js';

export const deviceRoutes = (service: DeviceService): Implementation<Tenant>[] => [
  implement(devices.list, ({ ctx, query }) => service.listDevices(ctx, query)),
  implement(devices.get, ({ ctx, params }) => service.getDevice(ctx, params.id)),
  implement(devices.create, ({ ctx, body }) => service.createDevice(ctx, body)),
  implement(devices.update, ({ ctx, params, body }) => service.updateDevice(ctx, params.id, body)),
];

export const credentialRoutes = (service: CredentialService): Implementation<Tenant>[] => [
  implement(deviceCredentials.list, ({ ctx, params, query }) => service.listCredentials(ctx, params.id, query)),
  implement(deviceCredentials.create, ({ ctx, params, body }) => service.createCredential(ctx, params.id, body)),
  implement(deviceCredentials.rotate, ({ ctx, params, body }) => service.rotateCredential(ctx, params, body)),
  implement(deviceCredentials.revoke, ({ ctx, params }) => service.revokeCredential(ctx, params)),
];
