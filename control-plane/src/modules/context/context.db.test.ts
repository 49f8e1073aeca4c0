import { tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { type Browser, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';

const print = tenants.acme.organizations['acme-print'];
const promo = tenants.acme.organizations['acme-promo'];
const { harbor, 'main-street': mainStreet } = print.workspaces;

async function signedIn(plane: TestControlPlane, email: string): Promise<Browser> {
  const browser = plane.browser();
  await browser.signIn(email);
  return browser;
}
const enter = (browser: Browser, organization_id: string, workspace_id?: string | null) =>
  browser.call('POST', '/api/context/switch', {
    organization_id,
    ...(workspace_id === undefined ? {} : { workspace_id }),
  });

t.test('contexts', async (t) => {
  const plane = await startControlPlane(t);

  await t.test('shows what may be chosen, and no more', async (t) => {
    const admin = await signedIn(plane, 'admin@acme.test');
    const all = (await admin.call('GET', '/api/context')).json();
    t.match(all, {
      current: { organization_id: print.id, workspace_id: mainStreet.id },
      organizations: [
        { code: 'acme-print', workspace_required: true, organization_wide: false },
        { code: 'acme-promo', workspace_required: false, organization_wide: true, workspaces: [] },
      ],
    });
    const press = (await (await signedIn(plane, 'press@acme.test')).call('GET', '/api/context')).json();
    t.same(
      press.organizations.map((organization: { workspaces: { code: string }[] }) =>
        organization.workspaces.map((w) => w.code),
      ),
      [['main-street']],
    );
  });

  await t.test('switching issues a token for it, and a refresh stays there', async (t) => {
    const browser = await signedIn(plane, 'sales@acme.test');
    const switched = await enter(browser, print.id, harbor.id);
    t.equal(switched.statusCode, 200, switched.body);
    t.equal(switched.json().access_token, undefined, 'a page never sees the token');
    const here = { organization_id: print.id, workspace_id: harbor.id };
    t.same((await browser.call('GET', '/api/auth/session')).json().context, here);
    t.same((await browser.call('POST', '/api/auth/refresh')).json().context, here);
  });

  await t.test('a bearer gets it in the body, and no cookie', async (t) => {
    const browser = await signedIn(plane, 'admin@acme.test');
    const authorization = `Bearer ${browser.cookies.get('platen_at')}`;
    browser.cookies.clear();
    const body = { organization_id: promo.id };
    const switched = await browser.call('POST', '/api/context/switch', body, { authorization, origin: undefined });
    t.equal(switched.statusCode, 200, switched.body);
    t.same(switched.cookies, []);
    const session = await browser.call('GET', '/api/auth/session', undefined, {
      authorization: `Bearer ${switched.json().access_token}`,
    });
    t.equal(session.json().context.organization_id, promo.id);
  });

  await t.test(
    'switching to and fro keeps nobody in: a token lasts no longer than the one it was got with',
    async (t) => {
      const browser = await signedIn(plane, 'admin@acme.test');
      const authorization = `Bearer ${browser.cookies.get('platen_at')}`;
      const before = (await browser.call('GET', '/api/auth/session')).json().expires_at;
      const thief = plane.browser();
      plane.clock.offsetMs = 10 * 60_000;
      t.teardown(() => {
        plane.clock.offsetMs = 0;
      });
      const body = { organization_id: promo.id };
      const switched = await thief.call('POST', '/api/context/switch', body, { authorization, origin: undefined });
      t.equal(switched.json().expires_at, before);
      plane.clock.offsetMs = 16 * 60_000;
      const late = await thief.call('GET', '/api/auth/session', undefined, {
        authorization: `Bearer ${switched.json().access_token}`,
      });
      t.equal(late.statusCode, 401, 'who has stolen an access token has it for minutes, without the refresh token');
    },
  );

  await t.test('what is not theirs and what is not there are refused alike', async (t) => {
    const browser = await signedIn(plane, 'sales@acme.test');
    const press = await signedIn(plane, 'press@acme.test');
    const foreign = tenants.globex.organizations['globex-main'].id;
    for (const refused of [
      await enter(browser, promo.id),
      await enter(browser, foreign),
      await enter(browser, uuidv7()),
      await enter(browser, print.id, uuidv7()),
      await enter(press, print.id, harbor.id),
    ]) {
      t.equal(refused.statusCode, 403);
      t.equal(refused.json().code, 'context_not_allowed');
    }
    t.equal((await enter(browser, print.id)).json().code, 'workspace_required');
    t.equal((await enter(browser, print.id, null)).json().code, 'workspace_required');
    const still = (await browser.call('POST', '/api/auth/refresh')).json().context;
    t.same(still, { organization_id: print.id, workspace_id: mainStreet.id }, 'nothing was kept of it');
  });

  await t.test('somebody without any role signs in to nothing', async (t) => {
    await plane.sql(
      `delete from res_user_roles where user_id = (select id from res_users where email = 'buyer@acme.test')`,
    );
    const response = await plane.browser().signIn('buyer@acme.test');
    t.match(response.json(), { context: { organization_id: null, workspace_id: null }, permissions: [] });
  });
});
