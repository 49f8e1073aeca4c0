import type { ServiceProcess } from '@platen/chassis/service-process/start';
import { call } from '../../environment/http.js';
import type { BenchPlatform, Services } from '../../environment/platform.js';
import type { Asked } from './light-load.js';

/** A request may be under way when its plane is killed, and reach it before it listens. */
const restartMarginMs = 500;

export interface Plane {
  readonly number: number;
  readonly url: string;
  readonly services: Services;
  service: ServiceProcess;
  /** When it was not there, by the monotonic clock. */
  readonly gone: { readonly fromMs: number; untilMs: number }[];
}

/** Another data plane of the same control plane. */
export const second = (platform: BenchPlatform): Promise<Services> =>
  platform.another((databases) => databases, {
    'data-plane': { CONTROL_INTERNAL_URL: platform.urls.controlInternal },
  });

export async function startPlane(services: Services, number: number): Promise<Plane> {
  return { number, url: services.urls.data, services, service: await services.start('data-plane'), gone: [] };
}

export async function restart(plane: Plane | undefined): Promise<void> {
  if (plane === undefined) throw new Error('there is no such data plane');
  const window = { fromMs: performance.now(), untilMs: Number.POSITIVE_INFINITY };
  plane.gone.push(window);
  await plane.service.kill();
  plane.service = await plane.services.start('data-plane');
  window.untilMs = performance.now();
}

export const fellIntoRestart = (one: Asked, plane: Plane | undefined): boolean =>
  (one.status === 0 || one.status === 503) &&
  (plane?.gone.some(({ fromMs, untilMs }) => one.endedAtMs >= fromMs && one.sentAtMs <= untilMs + restartMarginMs) ??
    false);

export const readiness = async ({
  url,
}: Plane): Promise<{ status: number; body: { dependencies?: Record<string, string> } }> => {
  const { status, body } = await call(`${url}/ready`);
  // Its own contract, of which one member is read.
  return { status, body: JSON.parse(body) as { dependencies?: Record<string, string> } };
};
export const follows = async (plane: Plane): Promise<boolean> =>
  (await readiness(plane)).body.dependencies?.['feed'] === 'ok';
