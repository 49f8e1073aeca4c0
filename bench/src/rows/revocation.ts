import { Agent } from 'node:http';
import { call, plainHeaders } from '../environment/http.js';
import { signIn } from '../environment/sign-in.js';
import { percentile } from '../measure/statistics.js';
import { type Row, single } from './row.js';
import { dataPlane } from './services.js';

const host = 'acme.localhost';
const tries = 50;

export const revocation: Row = {
  name: 'revocation',
  title: 'Sign-out at the control plane until the data plane refuses the token',
  async run(context) {
    const platform = await context.platform();
    await dataPlane(platform);
    const agent = new Agent({ keepAlive: true });
    const waits: number[] = [];
    for (let n = 0; n < tries; n += 1) waits.push(await signOutAndWait(platform.urls, agent));
    agent.destroy();
    return [
      {
        label: 'p99',
        unit: 'ms',
        value: single(percentile(waits, 99)),
        must: 1000,
        goal: 100,
        detail: `p50 ${percentile(waits, 50).toFixed(1)} ms; ${tries} tries, from sending the sign-out, so the commit's own time is in it`,
      },
    ];
  },
};

/** Asks without a pause until refused. */
async function signOutAndWait(
  urls: { readonly control: string; readonly data: string },
  agent: Agent,
): Promise<number> {
  const { accessToken, refreshToken } = await signIn(urls.control, host, 'manager@acme.test');
  const headers = { ...plainHeaders(host), authorization: `Bearer ${accessToken}` };
  const read = () => call(`${urls.data}/api/erp/orders?limit=1`, { headers, agent });
  const before = await read();
  if (before.status !== 200) throw new Error(`a fresh token was answered with ${before.status}: ${before.body}`);
  const sentAt = performance.now();
  const signedOut = call(`${urls.control}/api/auth/logout`, {
    method: 'POST',
    headers: {
      ...plainHeaders(host),
      cookie: `platen_at=${accessToken}; platen_rt=${refreshToken}`,
      origin: `http://${host}`,
    },
  });
  for (;;) {
    const { status } = await read();
    if (status === 401) break;
    if (performance.now() - sentAt > 10_000)
      throw new Error(`not refused after 10 s; signing out: ${(await signedOut).status}`);
  }
  const waited = performance.now() - sentAt;
  const { status, body } = await signedOut;
  if (status !== 204) throw new Error(`signing out was answered with ${status}: ${body}`);
  return waited;
}
