import { demoPassword } from '@platen/schema/seeds/identities';
import t from 'tap';
import { type Browser, startControlPlane } from '../../test/control-plane.js';
import { lastMail, listMails } from '../../test/mails.fixture.js';
import { auditOf, sales, signedIn, untilCode } from '../../test/people.fixture.js';

const ask = (browser: Browser, new_email: string, password = demoPassword) =>
  browser.call('POST', '/api/auth/email', { new_email, password });

t.test('changing an e-mail', async (t) => {
  const plane = await startControlPlane(t);
  const confirm = (token: string | null, host = 'acme.localhost') =>
    plane.browser(host).call('POST', '/api/auth/email/confirm', { token });
  const browser = await signedIn(plane, sales.email);

  await t.test('takes the password', async (t) => {
    t.equal((await ask(browser, 'sam@acme.test', 'not the password')).json().code, 'invalid_credentials');
    t.equal((await listMails(plane)).length, 0);
  });

  await t.test('takes no address that folds into something else', async (t) => {
    const refused = await ask(browser, 'mallory@evil.test＠acme.test');
    t.match(refused.json(), { code: 'validation_failed', errors: [{ path: '/body/new_email' }] });
  });

  await t.test('sends a link to the new address, and changes nothing yet', async (t) => {
    t.equal((await ask(browser, 'ＳＡＭ@Acme.test')).statusCode, 204);
    t.match(await lastMail(plane), { type: 'email_change_requested', to: 'sam@acme.test' });
    t.equal((await plane.browser().signIn('sam@acme.test')).json().code, 'invalid_credentials');
    const { token } = await lastMail(plane);
    t.equal((await confirm(token, 'globex.localhost')).json().code, 'link_invalid', "another tenant's host");
    const reset = { token, password: 'four inks on two screens' };
    t.equal(
      (await plane.browser().call('POST', '/api/auth/password-reset/confirm', reset)).json().code,
      'link_invalid',
      'it is no link to set a password',
    );
  });

  await t.test('is done by the link, once; the former address is told and tokens are stale', async (t) => {
    const { token } = await lastMail(plane);
    await plane.browser().call('POST', '/api/auth/password-reset', { email: sales.email });
    const toOld = await lastMail(plane);
    const answers = await Promise.all([confirm(token), confirm(token)]);
    t.same(answers.map(({ statusCode }) => statusCode).sort(), [204, 401]);
    t.match(await lastMail(plane), { type: 'email_changed', to: sales.email });
    await untilCode(browser, 'token_stale');
    t.equal((await browser.call('POST', '/api/auth/refresh')).json().user.email, 'sam@acme.test');
    t.equal((await plane.browser().signIn(sales.email)).json().code, 'invalid_credentials');
    t.equal((await plane.browser().signIn('SAM@acme.test')).statusCode, 200);
    const reset = { token: toOld.token, password: 'four inks on two screens' };
    t.equal(
      (await plane.browser().call('POST', '/api/auth/password-reset/confirm', reset)).json().code,
      'link_invalid',
      'a link that went to the former address is void',
    );
    const [entry] = await auditOf(plane, `user:${sales.id}`);
    t.equal(entry?.action, 'user.email_change');
    t.same(
      [entry?.before, entry?.after].map((text) => JSON.parse(text ?? '')),
      [{ email: sales.email }, { email: 'sam@acme.test' }],
    );
  });

  await t.test('to one that is taken: nothing shows it, and its link is void', async (t) => {
    await plane.sql('delete from auth_throttles');
    const free = await ask(browser, 'nobody@acme.test');
    for (const email of ['manager@acme.test', 'ＭＡＮＡＧＥＲ@acme.test', 'MANAGER@ACME.TEST']) {
      const taken = await ask(browser, email);
      t.equal(taken.statusCode, free.statusCode);
      t.equal(taken.body, free.body);
      const { to, token } = await lastMail(plane);
      t.equal(to, 'manager@acme.test');
      t.equal((await confirm(token)).json().code, 'link_invalid');
    }
    const owners = await plane.sql(`select 1 as one from res_users where email = 'manager@acme.test'`);
    t.equal(owners.length, 1);
  });

  await t.test('of two who want the same the second link is void', async (t) => {
    await plane.sql('delete from auth_throttles');
    const press = await signedIn(plane, 'press@acme.test');
    const tokens = [];
    for (const person of [browser, press]) {
      await ask(person, 'wanted@acme.test');
      tokens.push((await lastMail(plane)).token);
    }
    const answers = await Promise.all(tokens.map((token) => confirm(token)));
    t.same(answers.map(({ statusCode }) => statusCode).sort(), [204, 401]);
    t.same([...new Set(answers.map((answer) => (answer.statusCode === 401 ? answer.json().code : '')))].sort(), [
      '',
      'link_invalid',
    ]);
  });
});
