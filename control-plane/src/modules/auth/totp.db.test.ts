import { demoPassword } from '@platen/schema/seeds/identities';
import { TOTP } from 'otpauth';
import t from 'tap';
import { type Browser, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';
import { auditOf, manager, sales, signedIn } from '../../test/people.fixture.js';
import { throttlePolicies } from './throttles.js';

const stepMs = 30_000;
/** The code of now, or of steps before or after. */
const codeOf = (plane: TestControlPlane, secret: string, steps = 0) =>
  new TOTP({ secret }).generate({ timestamp: plane.nowMs() + steps * stepMs });
const login = (plane: TestControlPlane, email: string, totp?: string, password = demoPassword) =>
  plane.browser().call('POST', '/api/auth/login', { email, password, ...(totp === undefined ? {} : { totp }) });

async function enable(plane: TestControlPlane, browser: Browser): Promise<{ secret: string; codes: string[] }> {
  const { secret } = (await browser.call('POST', '/api/auth/totp', { password: demoPassword })).json();
  const confirmed = await browser.call('POST', '/api/auth/totp/confirm', { code: codeOf(plane, secret, -1) });
  if (confirmed.statusCode !== 200) throw new Error(confirmed.body);
  return { secret, codes: confirmed.json().recovery_codes };
}

t.test('an authenticator', async (t) => {
  const plane = await startControlPlane(t);
  // Else a step may end between a code and its use.
  plane.clock.stoppedAtMs = Date.now();
  const browser = await signedIn(plane, sales.email);

  await t.test('is begun with the password and counts once a code confirms it', async (t) => {
    t.equal(
      (await browser.call('POST', '/api/auth/totp/confirm', { code: '123456' })).json().code,
      'illegal_transition',
    );
    const wrong = await browser.call('POST', '/api/auth/totp', { password: 'not the password' });
    t.equal(wrong.json().code, 'invalid_credentials');
    const begun = (await browser.call('POST', '/api/auth/totp', { password: demoPassword })).json();
    t.match(begun.otpauth_uri, `secret=${begun.secret}`);
    t.equal((await login(plane, sales.email)).statusCode, 200, 'not asked for yet');
    const [row] = await plane.sql<{ totp_secret: string }>('select totp_secret from res_users where id = $1', [
      sales.id,
    ]);
    t.match(row?.totp_secret, /^v1\./);
    t.notOk(row?.totp_secret.includes(begun.secret));
    const refused = await browser.call('POST', '/api/auth/totp/confirm', { code: codeOf(plane, begun.secret, 5) });
    t.equal(refused.json().code, 'totp_invalid');
  });

  const { secret, codes } = await enable(plane, browser);

  await t.test('is asked for after the right password alone', async (t) => {
    t.equal((await login(plane, sales.email)).json().code, 'totp_required');
    for (const totp of [undefined, codeOf(plane, secret)]) {
      t.equal((await login(plane, sales.email, totp, 'not the password')).json().code, 'invalid_credentials');
      t.equal((await login(plane, 'nobody@acme.test', totp)).json().code, 'invalid_credentials');
    }
    t.equal((await login(plane, manager.email, '123456')).statusCode, 200, 'who has none may send what they like');
  });

  await t.test('takes each step once, of many at the same time too', async (t) => {
    t.equal((await login(plane, sales.email, codeOf(plane, secret, -1))).json().code, 'totp_invalid', 'it confirmed');
    const code = codeOf(plane, secret);
    const answers = await Promise.all(Array.from({ length: 4 }, () => login(plane, sales.email, code)));
    t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 422, 422, 422]);
    t.equal((await login(plane, sales.email, code)).json().code, 'totp_invalid');
    const sessions = await plane.sql('select 1 as one from res_sessions where user_id = $1', [sales.id]);
    t.equal(sessions.length, 3, 'nothing was opened for the others');
    await plane.sql('delete from auth_throttles');
    t.equal((await login(plane, sales.email, codeOf(plane, secret, 1))).statusCode, 200, 'the next one');
    t.equal((await login(plane, sales.email, codeOf(plane, secret, 3))).json().code, 'totp_invalid', 'too far');
  });

  await t.test('is stood in for by a recovery code, each once', async (t) => {
    await plane.sql('delete from auth_throttles');
    t.equal(codes.length, 10);
    const [first = '', second = ''] = codes;
    const answers = await Promise.all([1, 2, 3].map(() => login(plane, sales.email, first.toUpperCase())));
    t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 422, 422]);
    const [other] = (await enable(plane, await signedIn(plane, manager.email))).codes;
    t.equal((await login(plane, sales.email, other)).json().code, 'totp_invalid', "somebody else's");
    t.equal((await login(plane, sales.email, second.replaceAll('-', ''))).statusCode, 200);
    const stored = await plane.sql<{ code_hash: string }>('select code_hash from res_user_recovery_codes');
    for (const { code_hash } of stored) t.match(code_hash, /^[0-9a-f]{64}$/);
  });

  await t.test('wrong codes are counted', async (t) => {
    await plane.sql('delete from auth_throttles');
    for (let n = 0; n < throttlePolicies.account.free; n += 1) await login(plane, sales.email, '000000');
    t.equal((await login(plane, sales.email, codes[2])).json().code, 'too_many_attempts');
    await plane.sql('delete from auth_throttles');
  });

  await t.test('is not replaced while it counts', async (t) => {
    t.equal((await browser.call('POST', '/api/auth/totp', { password: demoPassword })).json().code, 'duplicate');
  });

  await t.test('is removed with password and code, and its recovery codes with it', async (t) => {
    const remove = (password: string, code: string) => browser.call('DELETE', '/api/auth/totp', { password, code });
    t.equal((await remove('not the password', codes[3] ?? '')).json().code, 'invalid_credentials');
    t.equal((await remove(demoPassword, codes[0] ?? '')).json().code, 'totp_invalid', 'a used one');
    t.equal((await login(plane, sales.email)).json().code, 'totp_required');
    t.equal((await remove(demoPassword, codes[3] ?? '')).statusCode, 204);
    t.equal((await login(plane, sales.email)).statusCode, 200);
    t.equal((await remove(demoPassword, codes[4] ?? '')).json().code, 'illegal_transition');
    const left = await plane.sql('select 1 as one from res_user_recovery_codes where user_id = $1', [sales.id]);
    t.equal(left.length, 0);
    t.match(await auditOf(plane, `user:${sales.id}`), [
      { action: 'user.totp_enable' },
      { action: 'user.totp_disable' },
    ]);
  });

  await t.test('no secret and no code reaches the log', async (t) => {
    const text = plane.log.text();
    for (const canary of [secret, ...codes, demoPassword]) t.notOk(text.includes(canary));
  });
});
