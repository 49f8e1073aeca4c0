import { until } from '@platen/chassis/testkit/until';
import { tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { type Browser, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';
import { appendTenant } from '../feed/index.js';

const { acme, globex } = tenants;
const url = '/api/admin/domains';

/** The starter plan has no domains; for these tests both tenants are on the same one. */
async function samePlan(plane: TestControlPlane): Promise<void> {
  await plane.sql(`update tenants set plan_id = (select plan_id from tenants where slug = 'acme')`);
  await plane.platformDb.transaction(async (tx) => appendTenant(tx, globex.id));
  const rival = await signedIn(plane, 'globex');
  await until(async () => (await rival.call('GET', url)).statusCode === 200);
}
const signedIn = async (plane: TestControlPlane, slug: string): Promise<Browser> => {
  const browser = plane.browser(`${slug}.localhost`);
  const answer = await browser.signIn(`admin@${slug}.test`);
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return browser;
};
const claim = async (browser: Browser, domain: string) => {
  const answer = await browser.call('POST', url, { domain });
  if (answer.statusCode !== 201) throw new Error(answer.body);
  return answer.json();
};
const told = async (plane: TestControlPlane, tenantId: string, member = 'domains') => {
  const [row] = await plane.sql<{ told: string }>(
    `select payload -> '${member}' as told from control_changes where kind = 'tenant' and tenant_id = $1
     order by seq desc limit 1`,
    [tenantId],
  );
  return JSON.parse(row?.told ?? '[]');
};
/** Asks until the plane itself has heard of a change. */
const untilStatus = (plane: TestControlPlane, host: string, status: number) =>
  until(async () => {
    const answer = await plane.browser(host).call('POST', '/api/auth/logout', {}, { origin: undefined });
    return answer.statusCode === status;
  });

t.test('domains', async (t) => {
  const plane = await startControlPlane(t);
  await samePlan(plane);
  const admin = await signedIn(plane, 'acme');

  await t.test('the way from a claim to a host that serves', async (t) => {
    const made = await claim(admin, 'Shop.Acme-Print.com.');
    t.match(made, {
      domain: 'shop.acme-print.com',
      kind: 'custom',
      verified_at: null,
      is_primary: false,
      verification: { type: 'TXT', name: '_platen-verification.shop.acme-print.com', value: /^platen-[0-9a-f]{40}$/ },
    });
    t.same(await told(plane, acme.id), [], 'nothing is served there yet');
    const early = await admin.call('POST', `${url}/${made.id}/verify`);
    t.match(early.json(), { status: 422, code: 'domain_unverified', expected: made.verification, found: [] });
    plane.dns.set(made.verification.name, ['v=spf1', 'platen-wrong']);
    t.match((await admin.call('POST', `${url}/${made.id}/verify`)).json(), { found: ['v=spf1', 'platen-wrong'] });
    t.equal((await admin.call('PATCH', `${url}/${made.id}`, { is_primary: true })).json().code, 'domain_unverified');
    plane.dns.set(made.verification.name, ['v=spf1', made.verification.value]);
    const verified = await admin.call('POST', `${url}/${made.id}/verify`);
    t.equal(verified.statusCode, 200, verified.body);
    t.match(verified.json(), { verified_at: /Z$/, verification: null });
    t.same(await told(plane, acme.id), ['shop.acme-print.com']);
    await t.resolves(untilStatus(plane, 'shop.acme-print.com', 204));
    t.match((await admin.call('POST', `${url}/${made.id}/verify`)).json(), verified.json(), 'again changes nothing');
    const page = { origin: 'http://shop.acme-print.com' };
    const cors = await admin.call('GET', '/api/auth/session', undefined, page);
    t.equal(cors.headers['access-control-allow-origin'], page.origin, 'its pages are the tenant’s own');

    const primary = await admin.call('PATCH', `${url}/${made.id}`, { is_primary: true });
    t.match(primary.json(), { is_primary: true });
    t.equal(await told(plane, acme.id, 'primary_domain'), made.domain, 'data planes know where links in mails lead');
    const listed: { id: string; kind: string; is_primary: boolean }[] = (await admin.call('GET', url)).json().items;
    t.same(
      listed.filter(({ is_primary }) => is_primary).map(({ id }) => id),
      [made.id],
      'one at a time',
    );
    const own = listed.find(({ kind }) => kind === 'subdomain')?.id;
    t.equal((await admin.call('DELETE', `${url}/${made.id}`)).json().code, 'in_use', 'the primary one stays');
    t.equal((await admin.call('DELETE', `${url}/${own}`)).json().code, 'in_use', 'so does our own');
    await admin.call('PATCH', `${url}/${own}`, { is_primary: true });
    t.equal((await admin.call('DELETE', `${url}/${made.id}`)).statusCode, 204);
    t.same(await told(plane, acme.id), []);
    await t.resolves(untilStatus(plane, 'shop.acme-print.com', 404), 'and leads nowhere');
  });

  await t.test('what cannot be claimed', async (t) => {
    for (const domain of ['globex.localhost', 'localhost', '10.0.0.1', 'co.uk', 'xn--a.com', 'shop.acme.com/x']) {
      t.match((await admin.call('POST', url, { domain })).json(), { status: 422, code: 'domain_unacceptable' }, domain);
    }
    await claim(admin, 'twice.acme-print.com');
    t.equal((await admin.call('POST', url, { domain: 'TWICE.acme-print.com.' })).json().code, 'duplicate');
    const lookalike = await claim(admin, 'twice.аcme-print.com');
    t.equal(lookalike.domain, 'twice.xn--cme-print-zyh.com', 'a Cyrillic letter is another domain, and shows as it is');
  });

  await t.test('one tenant and another', async (t) => {
    const rival = await signedIn(plane, 'globex');
    const mine = await claim(admin, 'wanted.com');
    const theirs = await claim(rival, 'wanted.com');
    t.not(mine.verification.value, theirs.verification.value, 'a claim keeps nobody from claiming');
    for (const id of [mine.id, uuidv7()]) {
      for (const answer of [
        await rival.call('POST', `${url}/${id}/verify`),
        await rival.call('PATCH', `${url}/${id}`, { is_primary: true }),
        await rival.call('DELETE', `${url}/${id}`),
      ]) {
        t.match(answer.json(), { status: 404, code: 'not_found' });
      }
    }
    t.notOk((await rival.call('GET', url)).body.includes(mine.verification.value));
    plane.dns.set(theirs.verification.name, [mine.verification.value]);
    const stolen = await rival.call('POST', `${url}/${theirs.id}/verify`);
    t.equal(stolen.json().code, 'domain_unverified', 'the token of one proves nothing for another');
    t.equal((await admin.call('POST', `${url}/${mine.id}/verify`)).statusCode, 200);
    plane.dns.set(theirs.verification.name, [theirs.verification.value]);
    const late = await rival.call('POST', `${url}/${theirs.id}/verify`);
    t.match(late.json(), { status: 409, code: 'duplicate' }, 'who proved it first has it');
    t.same(await told(plane, acme.id), ['wanted.com']);
    await admin.call('DELETE', `${url}/${mine.id}`);
    t.equal((await rival.call('POST', `${url}/${theirs.id}/verify`)).statusCode, 200, 'until they let go of it');
    const raced = await Promise.all(
      [admin, rival].map(async (browser) => {
        const made = await claim(browser, 'raced.com');
        return { browser, made };
      }),
    );
    plane.dns.set(
      '_platen-verification.raced.com',
      raced.map(({ made }) => made.verification.value),
    );
    const ends = await Promise.all(raced.map(({ browser, made }) => browser.call('POST', `${url}/${made.id}/verify`)));
    t.same(ends.map(({ statusCode }) => statusCode).sort(), [200, 409]);
  });

  await t.test('the permission is one for the whole tenant', async (t) => {
    const local = plane.browser();
    await local.signIn('sales@acme.test');
    const denied = { status: 403, code: 'permission_denied' };
    t.match((await local.call('GET', url)).json(), denied);
    await plane.sql(
      `insert into res_user_roles (tenant_id, id, user_id, role_id, scope, organization_id)
       select $1, $2, id, (select id from res_roles where code = 'tenant_admin'), 'organization', $3
       from res_users where email = 'sales@acme.test'`,
      [acme.id, uuidv7(), acme.organizations['acme-print'].id],
    );
    await local.signIn('sales@acme.test');
    t.match((await local.call('GET', url)).json(), denied);
    t.match((await local.call('POST', url, { domain: 'mine.com' })).json(), denied);
  });

  await t.test('verification is not asked for more often than is decent', async (t) => {
    const made = await claim(admin, 'impatient.com');
    const codes = [];
    for (let n = 0; n < 12; n++) codes.push((await admin.call('POST', `${url}/${made.id}/verify`)).json().code);
    t.equal(codes.at(-1), 'rate_limited');
  });

  await t.test('each change left its event', async (t) => {
    const rows = await plane.sql<{ action: string }>(
      `select distinct action from audit_events where tenant_id = $1 and action like 'domain.%' order by action`,
      [acme.id],
    );
    t.same(
      rows.map(({ action }) => action),
      ['domain.create', 'domain.delete', 'domain.update', 'domain.verify'],
    );
  });
});
