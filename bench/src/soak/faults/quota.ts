import { Agent } from 'node:http';
import { call, plainHeaders } from '../../environment/http.js';
import type { Services } from '../../environment/platform.js';
import { signIn } from '../../environment/sign-in.js';

/** Requests a minute of a person of the tenant: few enough to be used up in a moment. */
export const quota = 300;
const lanesOfInstance = 4;
const host = 'acme.localhost';

export interface Drawn {
  /** Let through, by instance. */
  readonly admitted: readonly number[];
  /** Statuses that are neither an answer nor a refusal by the limit. */
  readonly odd: readonly number[];
  readonly seconds: number;
}

/** Three times the quota, shared out among the instances, by somebody who has not asked before. */
export async function drawQuota(services: readonly Services[], user: string): Promise<Drawn> {
  const [first] = services;
  if (first === undefined) throw new Error('no services');
  const { accessToken } = await signIn(first.urls.control, host, `${user}@acme.test`);
  const headers = { ...plainHeaders(host), authorization: `Bearer ${accessToken}` };
  const agent = new Agent({ keepAlive: true });
  const odd: number[] = [];
  const startedAtMs = performance.now();
  const drawFrom = async ({ urls }: Services): Promise<number> => {
    let [admitted, left] = [0, Math.round((quota * 3) / services.length)];
    const lane = async () => {
      while (left-- > 0) {
        const { status } = await call(`${urls.data}/api/erp/products?limit=1`, { headers, agent });
        if (status === 200) admitted += 1;
        else if (status !== 429) odd.push(status);
      }
    };
    await Promise.all(Array.from({ length: lanesOfInstance }, lane));
    return admitted;
  };
  const admitted = await Promise.all(services.map(drawFrom));
  agent.destroy();
  return { admitted, odd, seconds: (performance.now() - startedAtMs) / 1_000 };
}

/** What is broken. A bucket fills while it is drawn from; one that is shared may be overdrawn by a fifth, for a moment. */
export function judgeDrawn({ admitted, odd, seconds }: Drawn, isShared: boolean): string[] {
  const filled = (seconds * quota) / 60 + 1;
  const broken = odd.map((status) => `a request was answered with ${status}`);
  const check = (count: number, most: number) => {
    if (count < quota * 0.8 || count > most) broken.push(`${count} were let through, ${most.toFixed(0)} at most`);
  };
  if (isShared) {
    const all = admitted.reduce((sum, count) => sum + count, 0);
    check(all, quota * 1.2 + filled);
  } else for (const count of admitted) check(count, quota + filled);
  return broken;
}
