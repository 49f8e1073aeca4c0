import { until } from '@platen/chassis/testkit/until';
import { tenants } from '@platen/schema/seeds/identities';
import type { Browser, TestControlPlane } from './control-plane.js';

export const { acme, globex } = tenants;
export const [admin, sales, press, buyer, manager] = acme.users;
export const print = acme.organizations['acme-print'];
export const promo = acme.organizations['acme-promo'];

export async function signedIn(plane: TestControlPlane, email: string, host = 'acme.localhost'): Promise<Browser> {
  const browser = plane.browser(host);
  const answer = await browser.signIn(email);
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return browser;
}

/** Until the plane has heard from the feed what makes it refuse their token. */
export const untilCode = ({ call }: Pick<Browser, 'call'>, code: string): Promise<boolean> =>
  until(async () => (await call('GET', '/api/auth/session')).json().code === code);

/** What the audit of a tenant says of a target, oldest first. */
export const auditOf = (plane: TestControlPlane, target: string) =>
  plane.sql<{ action: string; actor_type: string; before: string | null; after: string | null }>(
    `select action, actor_type, before::text as before, after::text as after from audit_events
     where tenant_id = $1 and target = $2 order by seq`,
    [acme.id, target],
  );

/** Calls with nothing but a bearer token, as a machine does. */
export const machine = (plane: TestControlPlane, token: string, host = 'acme.localhost') => {
  const browser = plane.browser(host);
  const headers = { authorization: `Bearer ${token}`, origin: undefined };
  return {
    call: (method: 'GET' | 'POST' | 'DELETE', url: string, body?: object, more: Record<string, string> = {}) =>
      browser.call(method, url, body, { ...headers, ...more }),
  };
};
