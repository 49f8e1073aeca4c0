import { implementer } from '@platen/chassis/http/implement';
import type { Implementation } from '@platen/chassis/http/types';
import { accessModules } from '@platen/schema/contracts/control/access-modules';
import type { TenantEntry } from '../tenants/index.js';
import type { AvailabilityService } from './service.js';

const implement = implementer<TenantEntry>();

export const availabilityRoutes = (service: AvailabilityService): Implementation<TenantEntry>[] => [
  implement(accessModules.modules, ({ ctx }) => service.listModules(ctx)),
];
