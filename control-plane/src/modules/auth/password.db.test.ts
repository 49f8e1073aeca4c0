import { statement } from '@platen/chassis/db/statement';
import { untilLocksAwaited } from '@platen/chassis/testkit/lock-waits';
import { demoPassword } from '@platen/schema/seeds/identities';
import t from 'tap';
import { startControlPlane, type TestControlPlane } from '../../test/control-plane.js';
import { lastMail, listMails } from '../../test/mails.fixture.js';
import { auditOf, sales, signedIn, untilCode } from '../../test/people.fixture.js';

const lockAccount = statement<never>('test lock account', 'select from res_users where id = $1 for no key update');
const phrase = 'four inks on two screens';
const another = 'a squeegee in the drawer';

const request = (plane: TestControlPlane, email: string, headers: Record<string, string> = {}) =>
  plane.browser().call('POST', '/api/auth/password-reset', { email }, headers);
const confirm = (plane: TestControlPlane, token: string, password = phrase, host = 'acme.localhost') =>
  plane.browser(host).call('POST', '/api/auth/password-reset/confirm', { token, password });

t.test('changing a password', async (t) => {
  const plane = await startControlPlane(t);
  const [here, there] = [await signedIn(plane, sales.email), await signedIn(plane, sales.email)];
  const change = (current_password: string, new_password: string) =>
    here.call('POST', '/api/auth/password', { current_password, new_password });

  await t.test('takes the current one, and a new one that is acceptable', async (t) => {
    t.equal((await change('not the password', phrase)).json().code, 'invalid_credentials');
    t.equal((await change(demoPassword, 'Password2026!')).json().code, 'password_unacceptable');
    t.equal((await change(demoPassword, sales.email)).json().code, 'password_unacceptable');
    t.equal((await listMails(plane)).length, 0);
    t.equal((await there.call('GET', '/api/auth/session')).statusCode, 200, 'nothing happened');
  });

  await t.test('ends the other sessions, keeps this one, and tells by mail', async (t) => {
    t.equal((await change(demoPassword, phrase)).statusCode, 204);
    await untilCode(there, 'token_revoked');
    t.equal((await there.call('POST', '/api/auth/refresh')).json().code, 'refresh_invalid');
    t.equal((await here.call('POST', '/api/auth/refresh')).statusCode, 200);
    t.match(await listMails(plane), [{ type: 'password_changed', to: sales.email, token: null }]);
    t.equal((await plane.browser().signIn(sales.email)).json().code, 'invalid_credentials');
    t.equal((await plane.browser().signIn(sales.email, phrase)).statusCode, 200);
    const [entry] = await auditOf(plane, `user:${sales.id}`);
    t.match(entry, { action: 'user.password_change', actor_type: 'user', before: null, after: null });
  });

  await t.test('of two at once one wins', async (t) => {
    const answers = await Promise.all([change(phrase, another), change(phrase, `${another} 2`)]);
    t.same(answers.map(({ statusCode }) => statusCode).sort(), [204, 401]);
  });
});

t.test('resetting a password', async (t) => {
  const plane = await startControlPlane(t);

  await t.test('is answered alike for any e-mail', async (t) => {
    await plane.sql(`update res_users set status = 'disabled' where email = 'manager@acme.test'`);
    const emails = ['sales@acme.test', 'nobody@acme.test', 'manager@acme.test', 'admin@globex.test'];
    const answers = await Promise.all(emails.map((email) => request(plane, email)));
    for (const answer of answers) {
      t.equal(answer.statusCode, 204);
      t.equal(answer.body, '');
    }
    t.match(await listMails(plane), [{ type: 'password_reset', to: 'sales@acme.test' }]);
  });

  await t.test('goes to the address that is stored, whatever was typed', async (t) => {
    await plane.sql('delete from auth_throttles');
    await request(plane, 'ſALES@acme.test');
    t.equal((await lastMail(plane)).to, 'sales@acme.test');
  });

  await t.test('keeps the token out of the database', async (t) => {
    const { token } = await lastMail(plane);
    t.match(token, /^[\w-]{43}$/);
    const rows = await plane.sql<{ text: string }>(
      'select r::text as text from res_user_tokens r union all select o.payload::text from outbox_events o',
    );
    for (const { text } of rows) t.notOk(text.includes(token ?? ''));
  });

  await t.test('a header of the caller’s choosing reaches no mail', async (t) => {
    await plane.sql('delete from auth_throttles');
    const headers = { 'x-forwarded-host': 'evil.test', forwarded: 'host=evil.test', 'x-original-host': 'evil.test' };
    await request(plane, 'sales@acme.test', headers);
    t.equal(
      (await plane.browser('evil.test').call('POST', '/api/auth/password-reset', { email: 'sales@acme.test' })).json()
        .code,
      'tenant_not_found',
    );
    const rows = await plane.sql<{ payload: string }>('select payload::text as payload from outbox_events');
    for (const { payload } of rows) t.notMatch(payload, /evil/);
  });

  await t.test('refuses what is no link of this tenant', async (t) => {
    const { token } = await lastMail(plane);
    for (const answer of [
      await confirm(plane, 'A'.repeat(43)),
      await confirm(plane, `${token}A`),
      await confirm(plane, token ?? '', phrase, 'globex.localhost'),
      await plane.browser().call('POST', '/api/auth/email/confirm', { token }),
    ]) {
      t.equal(answer.statusCode, 401);
      t.equal(answer.json().code, 'link_invalid');
    }
    t.equal(
      (await confirm(plane, token ?? '', 'Password2026!')).json().code,
      'password_unacceptable',
      'and stays good',
    );
  });

  await t.test('serves once, ends every session and forgets failures', async (t) => {
    const { token } = await lastMail(plane);
    const browser = await signedIn(plane, sales.email);
    for (let n = 0; n < 6; n += 1) await plane.browser().signIn(sales.email, 'not the password');
    t.equal((await plane.browser().signIn(sales.email)).json().code, 'too_many_attempts');
    const answers = await Promise.all([1, 2, 3].map((n) => confirm(plane, token ?? '', `${phrase} ${n}`)));
    t.same(answers.map(({ statusCode }) => statusCode).sort(), [204, 401, 401]);
    await untilCode(browser, 'token_revoked');
    t.equal((await browser.call('POST', '/api/auth/refresh')).json().code, 'refresh_invalid');
    const signIns = await Promise.all([1, 2, 3].map((n) => plane.browser().signIn(sales.email, `${phrase} ${n}`)));
    t.same(signIns.map(({ statusCode }) => statusCode).sort(), [200, 401, 401], 'no block is left');
    t.match(await lastMail(plane), { type: 'password_changed', to: sales.email });
    const trail = await auditOf(plane, `user:${sales.id}`);
    t.match(trail, [{ action: 'user.password_reset', actor_type: 'user' }]);
    const open = await plane.sql(`select 1 as one from res_user_tokens where used_at is null`);
    t.equal(open.length, 0, 'older links went with it');
  });

  await t.test('runs out after an hour', async (t) => {
    await plane.sql('delete from auth_throttles');
    await request(plane, sales.email);
    const mail = await lastMail(plane);
    const leftMs = Date.parse(mail.expiresAt ?? '') - Date.now();
    t.ok(leftMs > 3_500_000 && leftMs <= 3_600_000);
    await plane.sql(`update res_user_tokens set expires_at = now() - interval '1 ms' where used_at is null`);
    t.equal((await confirm(plane, mail.token ?? '')).json().code, 'link_invalid');
  });

  await t.test('sends no more than a mailbox can bear, and does not say so', async (t) => {
    await plane.sql('delete from auth_throttles');
    const before = (await listMails(plane)).length;
    const answers = await Promise.all(Array.from({ length: 12 }, () => request(plane, sales.email)));
    t.same(new Set(answers.map(({ statusCode }) => statusCode)), new Set([204]));
    t.ok((await listMails(plane)).length - before <= 5);
  });

  await t.test('strangers who ask again and again do not keep the mailbox closed', async (t) => {
    const blocked = `select max(blocked_until)::text as until from auth_throttles where ip_prefix = ''`;
    const [before] = await plane.sql<{ until: string }>(blocked);
    t.ok(before?.until);
    await request(plane, sales.email);
    t.same(await plane.sql(blocked), [before], 'what is asked for meanwhile puts the end off no further');
  });

  await t.test('holds up nobody else of the network while it waits for the account', async (t) => {
    await plane.sql('delete from auth_throttles');
    let waiting: ReturnType<typeof request> | undefined;
    await plane.platformDb.transaction(async (tx) => {
      // As a change of the e-mail, which then counts its own mail from the same network: it must find no one there.
      await tx.query(lockAccount, [sales.id]);
      waiting = request(plane, sales.email);
      await untilLocksAwaited(plane.database.superuserUrl);
      t.equal((await request(plane, 'nobody@acme.test')).statusCode, 204);
    });
    t.equal((await waiting)?.statusCode, 204);
  });
});

t.test('a sign-in under way when the password changes opens nothing', async (t) => {
  const plane = await startControlPlane(t);
  const attempts = Array.from({ length: 6 }, () => plane.browser());
  const here = await signedIn(plane, sales.email);
  const change = here.call('POST', '/api/auth/password', { current_password: demoPassword, new_password: phrase });
  await Promise.all([change, ...attempts.map((browser) => browser.signIn(sales.email))]);
  t.equal((await change).statusCode, 204);
  for (const browser of attempts) t.not((await browser.call('POST', '/api/auth/refresh')).statusCode, 200);
});
