import { until } from '@platen/chassis/testkit/until';
import { platformAdmins, tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { type Browser, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';

const { owner, operator, auditor } = platformAdmins;

async function signIn(plane: TestControlPlane, email: string): Promise<Browser> {
  const browser = plane.browser('platform.localhost');
  await browser.call('POST', '/platform/auth/login', { email, password: 'platen-demo-2026' });
  return browser;
}

const kidOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;

interface Key {
  readonly kid: string;
  readonly status: string;
}
const listed = async (browser: Browser): Promise<Key[]> =>
  ((await browser.call('GET', '/platform/signing-keys')).json() as { items: Key[] }).items;

t.test('owners rotate and revoke keys, others do not', async (t) => {
  const plane = await startControlPlane(t);
  const browser = await signIn(plane, owner.email);
  const lower = await Promise.all([signIn(plane, operator.email), signIn(plane, auditor.email)]);
  const [first] = await listed(browser);
  const calls = [
    ['GET', '/platform/signing-keys'],
    ['POST', '/platform/signing-keys'],
    ['POST', '/platform/signing-keys/rotate'],
    ['POST', `/platform/signing-keys/${first?.kid}/revoke`],
  ] as const;
  for (const each of lower) {
    for (const [method, path] of calls) t.equal((await each.call(method, path)).json().code, 'platform_role_required');
  }
  t.equal((await browser.call('POST', '/platform/signing-keys/rotate')).statusCode, 404, 'nothing is published');
  const lacking = uuidv7();
  await plane.sql(
    `insert into platform_instances (id, kind, last_seen_at, feed_position, key_ids) values ($1, 'data-plane', now() + interval '1 hour', 1, '{}')`,
    [lacking],
  );
  const published = await browser.call('POST', '/platform/signing-keys');
  t.equal(published.statusCode, 201, published.body);
  t.notMatch(published.body, /private|encrypted/);
  t.equal((await browser.call('POST', '/platform/signing-keys')).json().code, 'illegal_transition');
  const refused = await browser.call('POST', '/platform/signing-keys/rotate');
  t.equal(refused.statusCode, 409);
  const { code, instances } = refused.json() as { code: string; instances: { id: string }[] };
  t.equal(code, 'keys_not_held');
  t.ok(
    instances.some(({ id }) => id === lacking),
    'the answer names who lacks it',
  );
  await plane.sql('delete from platform_instances where id = $1', [lacking]);
  let rotated = refused;
  await until(async () => {
    rotated = await browser.call('POST', '/platform/signing-keys/rotate');
    return rotated.statusCode !== 409;
  });
  t.match(rotated.json(), { kid: published.json().kid, status: 'active' });
  t.match(await listed(browser), [{ status: 'active' }, { kid: first?.kid, status: 'retiring' }]);

  t.equal((await browser.call('POST', '/platform/signing-keys/nobody/revoke')).statusCode, 404);
  const next = published.json().kid as string;
  await until(async () => {
    await browser.call('POST', '/platform/auth/refresh');
    return kidOf(browser.cookies.get('platen_pat') ?? '') === next;
  });
  const revoked = await browser.call('POST', `/platform/signing-keys/${next}/revoke`);
  t.match(revoked.json(), { status: 'revoked' });
  const askSession = () => browser.call('GET', '/platform/auth/session');
  await until(async () => (await askSession()).statusCode !== 200);
  t.equal((await askSession()).json().code, 'token_invalid', 'their own token was of that key');
  t.equal((await browser.call('POST', '/platform/auth/refresh')).statusCode, 200);
  t.equal((await listed(browser)).filter(({ status }) => status === 'active').length, 1);
});

t.test('auditors read, export and verify every chain', async (t) => {
  const plane = await startControlPlane(t);
  await plane.browser().signIn('admin@acme.test');
  const browser = await signIn(plane, auditor.email);
  const read = async (query: string) => {
    const answer = await browser.call('GET', `/platform/audit-events${query}`);
    t.equal(answer.statusCode, 200, answer.body);
    return (answer.json() as { items: { tenant_id: string | null; action: string }[] }).items;
  };
  t.ok((await read('?own=true')).every(({ tenant_id }) => tenant_id === null));
  t.equal((await read('?own=true&action=platform_session.begin')).length, 1);
  t.ok((await read(`?tenant_id=${tenants.acme.id}`)).every(({ tenant_id }) => tenant_id === tenants.acme.id));
  t.ok((await read('')).length >= 1);
  t.equal((await browser.call('GET', `/platform/audit-events?own=true&tenant_id=${tenants.acme.id}`)).statusCode, 400);
  t.match(
    (await browser.call('GET', '/platform/audit-events/export')).body,
    /^\{"format":"platen-audit\/1","tenant_id":null/,
  );
  const verified = await browser.call('POST', '/platform/audit-events/verify', { tenant_id: null });
  t.match(verified.json(), { tenant_id: null, next_after_seq: null, problems: [] });
  t.ok((verified.json() as { checked: number }).checked >= 1);
});
