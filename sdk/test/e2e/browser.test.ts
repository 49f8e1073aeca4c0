import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { until } from '@platen/chassis/testkit/until';
import { demoPassword } from '@platen/schema/seeds/identities';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import t from 'tap';
import type { PageScript } from './browser-page.js';
import { chromiumIsMissing, startChromium } from './chromium.js';
import { type PageServer, startPageServer } from './page-server.js';
import { type Platform, startPlatform } from './platform.js';
import { acme, acmePrint } from './world.js';

// A front end at a tenant's host and a port of its own, so that every call is cross-origin. The tenants lie under one
// registrable domain: to a browser they are one site, and SameSite alone keeps nobody's page from using another's cookies.
const skip = chromiumIsMissing;
const baseDomain = 'platen.localhost';
const email = 'sales@acme.test';

interface Stage {
  readonly platform: Platform;
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly server: PageServer;
}

async function setTheStage(): Promise<Stage> {
  const server = await startPageServer();
  t.teardown(() => server.close());
  const env = { BASE_DOMAIN: baseDomain, DEV_ORIGIN_PORTS: String(server.port) };
  const platform = await startPlatform(t, {
    services: ['control-plane', 'data-plane'],
    env: { 'control-plane': env, 'data-plane': env },
  });
  const browser = await startChromium();
  t.teardown(() => browser.close());
  return { platform, browser, context: await browser.newContext(), server };
}

const stage = skip === false ? await setTheStage() : undefined;
const at = (slug: string, port: number) => `http://${slug}.${baseDomain}:${port}`;

async function openPage({ platform, context, server }: Stage, slug = 'acme'): Promise<Page> {
  const page = await context.newPage();
  await page.goto(at(slug, server.port));
  const { control, data } = platform.ports;
  await run(page, 'connect', { controlUrl: at(slug, control), dataUrl: at(slug, data) });
  return page;
}

/** A function of the page's script, in the page. */
async function run<K extends keyof PageScript>(
  page: Page,
  name: K,
  ...args: Parameters<PageScript[K]>
): Promise<Awaited<ReturnType<PageScript[K]>>> {
  const call = `script.${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`;
  await page.waitForFunction('typeof script === "object"');
  // What the page sends back is what the function answers there, as JSON.
  return (await page.evaluate(call)) as Awaited<ReturnType<PageScript[K]>>;
}

const cookieOf = async ({ context }: Stage, name: string) =>
  (await context.cookies()).find((cookie) => cookie.name === name && cookie.domain === `acme.${baseDomain}`);

/** An administrator changes what the user may do; resolves when the data plane refuses the token that the browser holds. */
async function makeStale(stage: Stage, permission: 'erp.category.read' | 'erp.product.read'): Promise<void> {
  const { platform } = stage;
  const host = (port: number) => `acme.${baseDomain}:${port}`;
  const { control, data } = platform.ports;
  const login = await platform.control({
    method: 'POST',
    host: host(control),
    path: '/api/auth/login',
    body: { email: 'admin@acme.test', password: demoPassword },
  });
  const admin = /platen_at=([^;]+)/.exec(String(login.headers['set-cookie']))?.[1] ?? '';
  const user = acme.users.find((known) => known.email === email);
  const answer = await platform.control({
    method: 'POST',
    host: host(control),
    path: '/api/admin/permission-overrides',
    headers: { authorization: `Bearer ${admin}` },
    body: {
      user_id: user?.id,
      permission,
      effect: 'allow',
      scope: 'organization',
      organization_id: acmePrint.id,
      reason: 'The browser test',
    },
  });
  if (answer.status !== 201) throw new Error(`The override: ${answer.status} ${answer.text}`);
  const token = (await cookieOf(stage, 'platen_at'))?.value ?? '';
  await until(
    () =>
      platform.data({
        host: host(data),
        path: '/api/erp/customers',
        headers: { authorization: `Bearer ${token}` },
      }),
    ({ json }) => (json as { code?: string } | undefined)?.code === 'token_stale',
  );
}

/** Refresh tokens of the browser's session that were not used yet. */
const unusedTokens = ({ platform }: Stage): Promise<number> =>
  asSuperuser(platform.databases.control.superuserUrl, async (client) => {
    const { rows } = await client.query<{ unused: number }>(
      `select count(*)::int as unused from res_refresh_tokens r
       join res_sessions s on s.tenant_id = r.tenant_id and s.id = r.session_id
       join res_users u on u.tenant_id = s.tenant_id and u.id = s.user_id
       where u.email = $1 and s.revoked_at is null and r.used_at is null`,
      [email],
    );
    return rows[0]?.unused ?? 0;
  });

t.test('from another origin of the tenant: signed in by cookies that no script sees', { skip }, async (t) => {
  if (stage === undefined) return;
  const page = await openPage(stage);
  const signedIn = await run(page, 'signIn', email, demoPassword);
  t.equal(signedIn.name, 'Sam Sales');
  t.equal(signedIn.cookie, '', 'httpOnly');
  t.match(await cookieOf(stage, 'platen_at'), { httpOnly: true, sameSite: 'Lax' });
  t.match(await cookieOf(stage, 'platen_rt'), { httpOnly: true, sameSite: 'Lax' });
  const sold = await run(page, 'sell');
  t.ok(sold.products > 2, 'all pages of a list');
  t.equal(sold.status, 'sent');
  await page.close();
});

t.test('a token that became stale is renewed once for all that wait', { skip }, async (t) => {
  if (stage === undefined) return;
  const page = await openPage(stage);
  t.same(await run(page, 'listAtOnce', 4), { answered: 4, refreshes: 0 }, 'a page that was opened anew is signed in');
  await makeStale(stage, 'erp.category.read');
  t.same(await run(page, 'listAtOnce', 12), { answered: 12, refreshes: 1 });
  await page.close();
});

t.test('two tabs that renew at once stay on one chain', { skip }, async (t) => {
  if (stage === undefined) return;
  const tabs = [await openPage(stage), await openPage(stage)];
  await makeStale(stage, 'erp.product.read');
  const results = await Promise.all(tabs.map((tab) => run(tab, 'listAtOnce', 6)));
  for (const { answered } of results) t.equal(answered, 6);
  t.equal(await unusedTokens(stage), 1, 'one token to go on with');
  for (const tab of tabs) t.match(await run(tab, 'refresh'), /^\d{4}-/, 'and it serves either');
  t.equal(await unusedTokens(stage), 1);
  for (const tab of tabs) await tab.close();
});

t.test(
  'the page of another tenant, on the same site: the cookies travel, and nothing comes of it',
  { skip },
  async (t) => {
    if (stage === undefined) return;
    const { control, data } = stage.platform.ports;
    const page = await stage.context.newPage();
    await page.goto(at('globex', stage.server.port));
    const ask = (url: string, init: object) =>
      page.evaluate<string>(
        `fetch(${JSON.stringify(url)}, ${JSON.stringify({ credentials: 'include', ...init })}).then(
         async (answer) => answer.type + (await answer.text()), (error) => error.name)`,
      );
    const headers = { 'x-correlation-id': 'browser-test' };
    t.equal(await ask(`${at('acme', data)}/api/erp/customers`, { headers }), 'TypeError', 'nothing is read');
    t.equal(await ask(`${at('acme', data)}/api/erp/customers`, { method: 'POST', headers, body: '{}' }), 'TypeError');
    // Needs nobody's leave to be sent: a form of the last century could do it.
    const form = { method: 'POST', mode: 'no-cors' };
    t.equal(await ask(at('acme', stage.server.port), form), 'opaque');
    t.match(stage.server.lastCookies(), /platen_[ar]t=.*platen_[ar]t=/, 'to the browser it is one site');
    const logout = `${at('acme', control)}/api/auth/logout`;
    const [answer, said] = await Promise.all([page.waitForResponse(logout), ask(logout, form)]);
    t.equal(said, 'opaque');
    t.ok(answer.status() >= 400, 'refused');
    const own = await openPage(stage);
    t.same(await run(own, 'listAtOnce', 1), { answered: 1, refreshes: 0 }, 'the session goes on');
    await page.close();
    await own.close();
  },
);

t.test('the docs pages: signed in and called from the page itself', { skip }, async (t) => {
  if (stage === undefined) return;
  const { control, data } = stage.platform.ports;
  const context = await stage.browser.newContext();
  // A page of a hundred endpoints takes a busy machine its time.
  context.setDefaultTimeout(90_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const execute = async (body?: object): Promise<string> => {
    const open = page.locator('.opblock.is-open');
    await open.waitFor();
    if (body !== undefined) await open.locator('textarea.body-param__text').fill(JSON.stringify(body));
    await open.locator('button.execute').click();
    const status = open.locator('.live-responses-table tbody .response-col_status').first();
    await status.waitFor();
    return ((await status.textContent()) ?? '').trim();
  };
  await page.goto(`${at('acme', control)}/docs/control#/Sign-in/auth.login`);
  t.match(await execute({ email: 'manager@acme.test', password: demoPassword }), /^200/);
  t.equal((await context.cookies()).length, 2);
  await page.goto(`${at('acme', data)}/docs/data#/Customers/erp.customers.list`);
  t.match(await execute(), /^200/, 'the other plane takes the same session');
  await page.goto(`${at('platform', control)}/docs/control#/Tenants/platform.tenants.list`);
  t.match(await execute(), /^401/, 'and the platform does not');
  t.same(
    complaints.filter((text) => !text.includes('401')),
    [],
    'the policy stops nothing that the pages need',
  );
  await context.close();
});

t.test('signed out', { skip }, async (t) => {
  if (stage === undefined) return;
  const page = await openPage(stage);
  const { reasons, code } = await run(page, 'signOut');
  t.same(reasons, ['signed_out']);
  t.equal(code, 'authentication_required');
  t.same(await stage.context.cookies(), [], 'the cookies are gone');
  t.equal(await unusedTokens(stage), 0);
});
