import type { ServiceProcess } from '@platen/chassis/service-process/start';
import type { ServiceName } from '@platen/demo/platform';
import { fillControlDatabase } from '../environment/control-data.js';
import { fillErpDatabase } from '../environment/erp-data.js';
import type { BenchPlatform } from '../environment/platform.js';

const started = new WeakMap<BenchPlatform, Map<ServiceName, Promise<ServiceProcess>>>();
const filled = new WeakMap<BenchPlatform, Map<string, Promise<void>>>();

function once(platform: BenchPlatform, what: string, fill: () => Promise<void>): Promise<void> {
  const known = filled.get(platform) ?? new Map<string, Promise<void>>();
  filled.set(platform, known);
  const filling = known.get(what) ?? fill();
  known.set(what, filling);
  return filling;
}

/** Rows share the running services; each is started once. */
function service(platform: BenchPlatform, name: ServiceName): Promise<ServiceProcess> {
  const known = started.get(platform) ?? new Map<ServiceName, Promise<ServiceProcess>>();
  started.set(platform, known);
  const running = known.get(name) ?? platform.start(name);
  known.set(name, running);
  return running;
}

export async function controlPlane(platform: BenchPlatform): Promise<ServiceProcess> {
  await once(platform, 'control data', () => fillControlDatabase(platform.superuserUrl('control')));
  return service(platform, 'control-plane');
}

/** 40,000 orders of 200 tenants. */
export const filledErp = (platform: BenchPlatform): Promise<void> =>
  once(platform, 'erp data', () =>
    fillErpDatabase(platform.superuserUrl('erp-1'), { tenants: 200, ordersPerTenant: 200 }),
  );

export async function dataPlane(platform: BenchPlatform): Promise<ServiceProcess> {
  await filledErp(platform);
  await controlPlane(platform);
  return service(platform, 'data-plane');
}

export async function worker(platform: BenchPlatform): Promise<ServiceProcess> {
  await dataPlane(platform);
  return service(platform, 'erp-worker');
}
