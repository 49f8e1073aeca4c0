import { demoPassword } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { type Browser, startControlPlane } from '../../test/control-plane.js';
import { acme, auditOf, signedIn, untilCode } from '../../test/people.fixture.js';
import { createKeyring, createTextCipher, deriveKey } from '../keys/index.js';

const listed = async (browser: Browser, query = '') =>
  (await browser.call('GET', `/api/auth/sessions${query}`)).json() as {
    items: { id: string; current: boolean; ip: string; user_agent: string | null }[];
    next_cursor: string | null;
  };
const currentOf = async (browser: Browser) => (await listed(browser)).items.find(({ current }) => current)?.id ?? '';

t.test('own sessions', async (t) => {
  const plane = await startControlPlane(t);
  const here = await signedIn(plane, 'sales@acme.test');
  const there = await signedIn(plane, 'sales@acme.test');
  const manager = await signedIn(plane, 'manager@acme.test');
  const abroad = await signedIn(plane, 'admin@globex.test', 'globex.localhost');

  await t.test('are listed, the newest first, with the one that asks', async (t) => {
    const { items, next_cursor } = await listed(here);
    t.equal(items.length, 2);
    t.equal(next_cursor, null);
    t.same(
      items.map(({ current }) => current),
      [false, true],
    );
    t.match(items[0], { ip: '127.0.0.1' });
    t.equal(items[0]?.id, await currentOf(there));
  });

  await t.test('are paged', async (t) => {
    const first = await listed(here, '?limit=1');
    const second = await listed(here, `?limit=1&cursor=${first.next_cursor}`);
    t.same(
      [...first.items, ...second.items].map(({ id }) => id),
      (await listed(here)).items.map(({ id }) => id),
    );
    const stolen = await manager.call('GET', `/api/auth/sessions?limit=1&cursor=${first.next_cursor}`);
    t.equal(stolen.json().code, 'invalid_cursor', "a cursor is for its owner's list");
  });

  await t.test('of others are as if they were not there', async (t) => {
    const answers = [];
    for (const [browser, id] of [
      [manager, await currentOf(here)],
      [abroad, await currentOf(here)],
      [manager, uuidv7()],
    ] as const) {
      answers.push(await browser.call('DELETE', `/api/auth/sessions/${id}`));
    }
    for (const answer of answers) {
      t.equal(answer.statusCode, 404);
      t.same({ ...answer.json(), instance: '' }, { ...answers[0]?.json(), instance: '' });
    }
    t.equal((await here.call('GET', '/api/auth/session')).statusCode, 200);
  });

  await t.test('end everywhere', async (t) => {
    const id = await currentOf(there);
    t.equal((await here.call('DELETE', `/api/auth/sessions/${id}`)).statusCode, 204);
    await untilCode(there, 'token_revoked');
    t.equal((await there.call('POST', '/api/auth/refresh')).json().code, 'refresh_invalid');
    const [change] = await plane.sql<{ same: string }>(
      `select (s.xmin = c.xmin)::text as same from res_sessions s
       join control_changes c on c.payload ->> 'session_id' = s.id::text where s.id = $1`,
      [id],
    );
    t.equal(change?.same, 'true', 'data planes are told in the same commit');
    t.match(await auditOf(plane, `session:${id}`), [
      { action: 'session.sign_in', actor_type: 'user' },
      { action: 'session.revoke', actor_type: 'user' },
    ]);
    t.equal((await listed(here)).items.length, 1);
    t.equal((await here.call('DELETE', `/api/auth/sessions/${id}`)).statusCode, 404, 'once');
  });

  await t.test('end with their cookies when it is the one that asks', async (t) => {
    const answer = await here.call('DELETE', `/api/auth/sessions/${await currentOf(here)}`);
    t.equal(answer.statusCode, 204, answer.body);
    t.equal(here.cookies.size, 0);
  });

  await t.test('signing out is written down too', async (t) => {
    const browser = await signedIn(plane, 'press@acme.test');
    const id = await currentOf(browser);
    await browser.call('POST', '/api/auth/logout');
    t.match(await auditOf(plane, `session:${id}`), [{ action: 'session.sign_in' }, { action: 'session.sign_out' }]);
  });
});

t.test('a key is no person', async (t) => {
  const plane = await startControlPlane(t);
  const browser = await signedIn(plane, 'admin@acme.test');
  const claims = JSON.parse(
    Buffer.from(browser.cookies.get('platen_at')?.split('.')[1] ?? '', 'base64url').toString('utf8'),
  );
  const cipher = createTextCipher(deriveKey(plane.keyEncryptionKey, 'signing-keys'));
  const keyring = createKeyring({ db: plane.platformDb, cipher });
  await keyring.load();
  const id = uuidv7();
  const headers = { authorization: `Bearer ${keyring.sign({ ...claims, sub: id, sid: id })}`, origin: undefined };
  const password = demoPassword;
  for (const [method, url, body] of [
    ['GET', '/api/auth/sessions'],
    ['DELETE', `/api/auth/sessions/${id}`],
    ['POST', '/api/auth/password', { current_password: password, new_password: password }],
    ['POST', '/api/auth/email', { new_email: 'key@acme.test', password }],
    ['POST', '/api/auth/totp', { password }],
    ['POST', '/api/auth/totp/confirm', { code: '123456' }],
    ['DELETE', '/api/auth/totp', { password, code: '123456' }],
  ] as const) {
    const answer = await plane.browser().call(method, url, body, headers);
    t.equal(answer.json().code, 'person_required', `${method} ${url}`);
  }
  t.equal((await plane.sql('select 1 as one from audit_events where tenant_id = $1', [acme.id])).length, 1);
});
