import { statement } from '@platen/chassis/db/statement';
import { untilLocksAwaited } from '@platen/chassis/testkit/lock-waits';
import type { LightMyRequestResponse as Response } from 'fastify';
import t from 'tap';
import { type Browser, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';
import { untilCode } from '../../test/people.fixture.js';

const refresh = (browser: Browser): Promise<Response> => browser.call('POST', '/api/auth/refresh');
const refreshTokenOf = (response: Response) => response.cookies.find((cookie) => cookie.name === 'platen_rt')?.value;
const sessionOf = (browser: Browser): string =>
  JSON.parse(Buffer.from(browser.cookies.get('platen_at')?.split('.')[1] ?? '', 'base64url').toString('utf8')).sid;

async function signedIn(plane: TestControlPlane, email = 'sales@acme.test'): Promise<Browser> {
  const browser = plane.browser();
  await browser.signIn(email);
  return browser;
}

/** A second browser with the cookies of the first, as they are now. */
function copyOf(plane: TestControlPlane, browser: Browser): Browser {
  const copy = plane.browser();
  for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
  return copy;
}

const lockSession = statement<never>('test.lock_session', 'select from res_sessions where id = $1 for update');
const revocations = (plane: TestControlPlane, sessionId: string) =>
  plane.sql(`select seq from control_changes where kind = 'revoked_session' and payload ->> 'session_id' = $1`, [
    sessionId,
  ]);

t.test('refreshing', async (t) => {
  const plane = await startControlPlane(t);

  await t.test('a token serves once and names its successor', async (t) => {
    const browser = await signedIn(plane);
    const first = browser.cookies.get('platen_rt');
    for (let turn = 0; turn < 3; turn++) t.equal((await refresh(browser)).statusCode, 200);
    t.not(browser.cookies.get('platen_rt'), first);
    t.equal((await browser.call('GET', '/api/auth/session')).statusCode, 200);
    const rows = await plane.sql<{ token_hash: string }>(
      'select token_hash from res_refresh_tokens where session_id = $1',
      [sessionOf(browser)],
    );
    t.equal(rows.length, 4);
    for (const row of rows) t.match(row.token_hash, /^[0-9a-f]{64}$/);
  });

  await t.test('two tabs, or fifty, stay one chain', async (t) => {
    const browser = await signedIn(plane);
    const sessionId = sessionOf(browser);
    const tabs = Array.from({ length: 50 }, () => copyOf(plane, browser));
    const answers = await Promise.all(tabs.map(refresh));
    t.same(new Set(answers.map((answer) => answer.statusCode)), new Set([200]));
    t.equal(new Set(answers.map(refreshTokenOf)).size, 1, 'all got the same successor');
    const rows = await plane.sql('select 1 as one from res_refresh_tokens where session_id = $1', [sessionId]);
    t.equal(rows.length, 2, 'one row used, one to use');
    t.equal((await refresh(tabs[7] as Browser)).statusCode, 200, 'the chain goes on');
  });

  await t.test('once the successor was used, the token before ends the session', async (t) => {
    const browser = await signedIn(plane);
    const thief = copyOf(plane, browser);
    await refresh(browser);
    await refresh(browser);
    t.equal((await refresh(thief)).json().code, 'refresh_invalid');
    t.equal((await refresh(browser)).json().code, 'refresh_invalid', 'for the rightful holder too');
    t.equal((await revocations(plane, sessionOf(browser))).length, 1);
    t.equal((await refresh(thief)).json().code, 'refresh_invalid');
    t.equal((await revocations(plane, sessionOf(browser))).length, 1, 'and is told once');
  });

  await t.test('so it does after ten seconds, though the successor was never used', async (t) => {
    const browser = await signedIn(plane);
    const late = copyOf(plane, browser);
    await refresh(browser);
    await plane.sql(`update res_refresh_tokens set used_at = used_at - interval '11 seconds' where session_id = $1`, [
      sessionOf(browser),
    ]);
    t.equal((await refresh(late)).json().code, 'refresh_invalid');
    t.equal((await refresh(browser)).json().code, 'refresh_invalid');
  });

  await t.test('12 hours idle or 30 days end it', async (t) => {
    const [lives] = await plane.sql<{ idle: string; whole: string }>(
      `select round(extract(epoch from r.expires_at - now()) / 3600) as idle,
         round(extract(epoch from s.expires_at - now()) / 86400) as whole
       from res_refresh_tokens r join res_sessions s on s.id = r.session_id order by r.created_at desc limit 1`,
    );
    t.same(lives, { idle: '12', whole: '30' });
    const idle = await signedIn(plane);
    await plane.sql(`update res_refresh_tokens set expires_at = now() - interval '1 ms' where session_id = $1`, [
      sessionOf(idle),
    ]);
    t.equal((await refresh(idle)).json().code, 'refresh_invalid');
    const old = await signedIn(plane);
    await plane.sql(`update res_sessions set expires_at = now() - interval '1 ms' where id = $1`, [sessionOf(old)]);
    t.equal((await refresh(old)).json().code, 'refresh_invalid');
    const ending = await signedIn(plane);
    await plane.sql(`update res_sessions set expires_at = now() + interval '1 hour' where id = $1`, [
      sessionOf(ending),
    ]);
    await refresh(ending);
    const [row] = await plane.sql<{ ok: string }>(
      'select bool_and(r.expires_at <= s.expires_at or r.used_at is not null) as ok from res_refresh_tokens r join res_sessions s on s.id = r.session_id where s.id = $1',
      [sessionOf(ending)],
    );
    t.equal(row?.ok, 't', 'a token never outlives its session');
  });

  await t.test('somebody disabled is out', async (t) => {
    const browser = await signedIn(plane, 'manager@acme.test');
    await plane.sql(`update res_users set status = 'disabled' where email = 'manager@acme.test'`);
    t.equal((await refresh(browser)).json().code, 'refresh_invalid');
    t.equal((await plane.browser().signIn('manager@acme.test')).json().code, 'invalid_credentials');
  });

  await t.test('a chosen context that is no longer allowed gives way', async (t) => {
    const browser = await signedIn(plane, 'press@acme.test');
    await plane.sql(
      `update res_user_roles set workspace_id = (select id from res_workspaces where code = 'harbor')
       where user_id = (select id from res_users where email = 'press@acme.test')`,
    );
    const [harbor] = await plane.sql<{ id: string }>(`select id from res_workspaces where code = 'harbor'`);
    t.equal((await refresh(browser)).json().context.workspace_id, harbor?.id);
  });

  await t.test('made-up tokens are refused', async (t) => {
    for (const token of ['x', 'A'.repeat(65), '%00', `${'A'.repeat(64)}=`]) {
      const browser = plane.browser();
      browser.cookies.set('platen_rt', token);
      t.equal((await refresh(browser)).json().code, 'refresh_invalid');
    }
    t.equal((await refresh(plane.browser())).json().code, 'refresh_invalid');
  });
});

t.test('signing out', async (t) => {
  const plane = await startControlPlane(t);

  await t.test('ends the session, tells the data planes in the same commit, and may be repeated', async (t) => {
    const browser = await signedIn(plane);
    const before = copyOf(plane, browser);
    const sessionId = sessionOf(browser);
    const response = await browser.call('POST', '/api/auth/logout');
    t.equal(response.statusCode, 204, response.body);
    t.equal(browser.cookies.size, 0);
    const [row] = await plane.sql<{ same: string }>(
      `select (s.xmin = c.xmin)::text as same from res_sessions s
       join control_changes c on c.payload ->> 'session_id' = s.id::text where s.id = $1`,
      [sessionId],
    );
    t.equal(row?.same, 'true');
    t.equal((await refresh(before)).json().code, 'refresh_invalid');
    t.equal((await before.call('POST', '/api/auth/logout')).statusCode, 204);
    t.equal((await plane.browser().call('POST', '/api/auth/logout')).statusCode, 204);
    t.equal((await revocations(plane, sessionId)).length, 1);
  });

  await t.test('the control plane itself refuses the token at once', async (t) => {
    const browser = await signedIn(plane);
    const before = copyOf(plane, browser);
    await browser.call('POST', '/api/auth/logout');
    await t.resolves(untilCode(before, 'token_revoked'));
    t.equal(
      (await before.call('POST', '/api/context/switch', { organization_id: sessionOf(before) })).json().code,
      'token_revoked',
    );
  });

  await t.test('of one ends nobody else', async (t) => {
    const [one, two] = [await signedIn(plane), await signedIn(plane)];
    await one.call('POST', '/api/auth/logout');
    t.equal((await refresh(two)).statusCode, 200);
  });

  await t.test('of two sessions waits for their rows without holding up the feed', async (t) => {
    const [one, two, other] = [await signedIn(plane), await signedIn(plane), await signedIn(plane)];
    const mixed = copyOf(plane, one);
    mixed.cookies.set('platen_at', two.cookies.get('platen_at') ?? '');
    const leaving = await plane.platformDb.transaction(async (tx) => {
      await tx.query(lockSession, [sessionOf(two)]);
      // As a promise within an object, or the transaction would wait for it.
      const waiting = mixed.call('POST', '/api/auth/logout');
      await untilLocksAwaited(plane.database.superuserUrl);
      t.equal((await other.call('POST', '/api/auth/logout')).statusCode, 204, 'somebody else need not wait');
      return { waiting };
    });
    t.equal((await leaving.waiting).statusCode, 204);
    for (const browser of [one, two]) t.equal((await revocations(plane, sessionOf(browser))).length, 1);
  });
});
