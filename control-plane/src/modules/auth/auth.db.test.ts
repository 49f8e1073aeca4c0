import { decodePermissionBits } from '@platen/chassis/auth/permission-bits';
import { createTestIssuer } from '@platen/chassis/testkit/tokens';
import { roles, tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { startControlPlane } from '../../test/control-plane.js';
import { codesOf } from '../access/index.js';
import { createPasswordPool } from './password-pool.js';

const claimsOf = (token: string | undefined) =>
  JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString('utf8'));
const acme = tenants.acme;
const print = acme.organizations['acme-print'];

t.test('signing in', async (t) => {
  const plane = await startControlPlane(t);

  await t.test('answers who and where, and puts the tokens into cookies alone', async (t) => {
    const browser = plane.browser();
    const response = await browser.signIn('sales@acme.test');
    t.equal(response.statusCode, 200, response.body);
    t.match(response.json(), {
      user: { email: 'sales@acme.test', name: 'Sam Sales' },
      tenant: { id: acme.id, slug: 'acme', name: acme.name },
      context: { organization_id: print.id, workspace_id: print.workspaces['main-street'].id },
    });
    t.ok(response.json().permissions.includes('erp.quote.write'));
    t.notOk(response.json().permissions.includes('admin.user_role.create'));
    for (const name of ['platen_at', 'platen_rt']) {
      const cookie = response.cookies.find((candidate) => candidate.name === name);
      t.match(cookie, { httpOnly: true, sameSite: 'Lax', path: '/' });
      t.equal(cookie?.domain, undefined);
      t.notMatch(response.body, cookie?.value ?? '');
    }
  });

  await t.test('the token carries the claims that verifiers ask for, and no others', async (t) => {
    const browser = plane.browser();
    await browser.signIn('press@acme.test');
    const token = browser.cookies.get('platen_at');
    const header = JSON.parse(Buffer.from(token?.split('.')[0] ?? '', 'base64url').toString('utf8'));
    const { keys } = (await browser.call('GET', '/.well-known/jwks.json')).json();
    t.match(header, { alg: 'RS256', typ: 'at+jwt', kid: keys[0].kid });
    t.notOk('d' in keys[0], 'no private member is shown');
    const claims = claimsOf(token);
    t.same(Object.keys(claims).sort(), 'aud epo exp iat iss jti org prm sid sub tid tsl ws'.split(' ').sort());
    t.equal(claims.exp - claims.iat, 900);
    t.same(codesOf(decodePermissionBits(claims.prm)).sort(), [...roles.production.permissions].sort());
  });

  await t.test('wrong password, unknown e-mail and a user of another tenant are one answer', async (t) => {
    const answers = await Promise.all([
      plane.browser().signIn('sales@acme.test', 'wrong password'),
      plane.browser().signIn('nobody@acme.test'),
      plane.browser().signIn('admin@globex.test'),
    ]);
    for (const answer of answers) {
      t.equal(answer.statusCode, 401);
      t.equal(answer.json().code, 'invalid_credentials');
      t.same(answer.json(), answers[0].json());
      t.same(answer.cookies, []);
    }
  });

  await t.test('e-mails are found whatever the case and the form they are typed in', async (t) => {
    for (const email of ['SALES@acme.test', 'ＳＡＬＥＳ@acme.test', 'ſales@acme.test']) {
      t.equal((await plane.browser().signIn(email)).statusCode, 200, email);
    }
  });

  await t.test('hosts decide about the tenant', async (t) => {
    t.equal((await plane.browser('nowhere.localhost').signIn('sales@acme.test')).json().code, 'tenant_not_found');
    t.equal((await plane.browser('initech.localhost').signIn('admin@initech.test')).json().code, 'tenant_suspended');
    const acmeAdmin = plane.browser();
    await acmeAdmin.signIn('admin@acme.test');
    const abroad = plane.browser('globex.localhost');
    for (const [name, value] of acmeAdmin.cookies) abroad.cookies.set(name, value);
    t.equal((await abroad.call('GET', '/api/auth/session')).json().code, 'token_tenant_mismatch');
    t.equal((await abroad.call('POST', '/api/auth/refresh')).json().code, 'refresh_invalid');
  });

  await t.test('a page of somebody else cannot sign in, refresh or sign out', async (t) => {
    const browser = plane.browser();
    await browser.signIn('sales@acme.test');
    for (const origin of ['http://globex.localhost', 'http://evil.test', 'null']) {
      for (const url of ['/api/auth/refresh', '/api/auth/logout']) {
        t.equal((await browser.call('POST', url, undefined, { origin })).json().code, 'origin_not_allowed');
      }
      const login = { email: 'sales@acme.test', password: 'platen-demo-2026' };
      t.equal(
        (await plane.browser().call('POST', '/api/auth/login', login, { origin })).json().code,
        'origin_not_allowed',
      );
    }
    const silent = await browser.call('POST', '/api/auth/refresh', undefined, { origin: undefined });
    t.equal(silent.json().code, 'origin_not_allowed');
    t.equal((await browser.call('GET', '/api/auth/session')).statusCode, 200, 'nothing happened to the session');
  });

  await t.test('forged tokens are refused', async (t) => {
    const browser = plane.browser();
    await browser.signIn('press@acme.test');
    const real = browser.cookies.get('platen_at') ?? '';
    const [header, , signature] = real.split('.');
    const richer = Buffer.from(JSON.stringify({ ...claimsOf(real), prm: 'A_____8' })).toString('base64url');
    const other = createTestIssuer();
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
    for (const token of [`${header}.${richer}.${signature}`, other.accessToken(claimsOf(real)), `${none}.${richer}.`]) {
      browser.cookies.set('platen_at', token);
      t.equal((await browser.call('GET', '/api/auth/session')).json().code, 'token_invalid');
    }
  });

  await t.test('a hash of other parameters is replaced on the way', async (t) => {
    const readHash = async () => {
      const [row] = await plane.sql<{ password_hash: string }>(
        `select password_hash from res_users where email = 'manager@acme.test'`,
      );
      return row?.password_hash ?? '';
    };
    const parameters = { memoryKib: 128, passes: 1, lanes: 1 };
    const former = createPasswordPool({ threads: 1, maxQueue: 4, parameters });
    t.teardown(() => former.close());
    const outdated = await former.hash('platen-demo-2026');
    await plane.sql(`update res_users set password_hash = $1 where email = 'manager@acme.test'`, [outdated]);
    t.equal((await plane.browser().signIn('manager@acme.test', 'wrong password')).statusCode, 401);
    t.equal(await readHash(), outdated);
    t.equal((await plane.browser().signIn('manager@acme.test')).statusCode, 200);
    t.match(await readHash(), /m=64,t=1,p=1/);
    t.equal((await plane.browser().signIn('manager@acme.test')).statusCode, 200);
  });

  await t.test('no password and no token reaches the log', async (t) => {
    const text = plane.log.text();
    t.notMatch(text, /platen-demo-2026|wrong password|eyJ[\w-]+\./);
  });
});
