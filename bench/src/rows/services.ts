import type { ServiceProcess } from '@platen/chassis/service-process/start';
import type { ServiceName } from '@platen/demo/platform';
import { fillErpDatabase } from '../environment/erp-data.js';
import type { BenchPlatform } from '../environment/platform.js';

const started = new WeakMap<BenchPlatform, Map<ServiceName, Promise<ServiceProcess>>>();
const filled = new WeakMap<BenchPlatform, Promise<void>>();

/** Rows share the running services; each is started once. */
function service(platform: BenchPlatform, name: ServiceName): Promise<ServiceProcess> {
  const known = started.get(platform) ?? new Map<ServiceName, Promise<ServiceProcess>>();
  started.set(platform, known);
  const running = known.get(name) ?? platform.start(name);
  known.set(name, running);
  return running;
}

export const controlPlane = (platform: BenchPlatform): Promise<ServiceProcess> => service(platform, 'control-plane');

/** 40,000 orders of 200 tenants, once. */
export function filledErp(platform: BenchPlatform): Promise<void> {
  const filling =
    filled.get(platform) ?? fillErpDatabase(platform.superuserUrl('erp-1'), { tenants: 200, ordersPerTenant: 200 });
  filled.set(platform, filling);
  return filling;
}

export async function dataPlane(platform: BenchPlatform): Promise<ServiceProcess> {
  await filledErp(platform);
  await controlPlane(platform);
  return service(platform, 'data-plane');
}

export async function worker(platform: BenchPlatform): Promise<ServiceProcess> {
  await dataPlane(platform);
  return service(platform, 'erp-worker');
}
